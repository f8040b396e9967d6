import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { readFile, writeFile } from '../../netlink/file.bun.ts';
import { SystemError } from '../../netlink/system-error.ts';
import type { Sysctl } from './sysctl.ts';

/** Where the kernel shows the parameters of the network namespace that the thread is in. */
const procSys = '/proc/sys';

/** @throws Problem KERNEL_REFUSED */
export function writeSysctl({ key, value }: Sysctl): void {
  try {
    writeFile(`${procSys}/${key}`, value);
  } catch (error) {
    throw new Problem('KERNEL_REFUSED', `could not set the sysctl ${key} to "${value}": ${reasonOf(error)}`);
  }
}

/** The same for one that a kernel may lack, as all of net/ipv6 on a host without IPv6: then there is nothing to set. */
export function writeSysctlWherePresent(sysctl: Sysctl): void {
  try {
    writeFile(`${procSys}/${sysctl.key}`, sysctl.value);
  } catch (error) {
    if (!(error instanceof SystemError && error.code === 'ENOENT')) {
      throw new Problem('KERNEL_REFUSED', `could not set the sysctl ${sysctl.key}: ${reasonOf(error)}`);
    }
  }
}

/** Undefined for one that the kernel lacks. @throws Problem KERNEL_REFUSED */
export function readSysctlWherePresent(key: string): string | undefined {
  try {
    return new TextDecoder().decode(readFile(`${procSys}/${key}`)).trim();
  } catch (error) {
    if (error instanceof SystemError && error.code === 'ENOENT') {
      return undefined;
    }
    throw new Problem('KERNEL_REFUSED', `could not read the sysctl ${key}: ${reasonOf(error)}`);
  }
}
