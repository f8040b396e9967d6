import { writeFileSync } from 'node:fs';
import { Problem, reasonOf } from '../../core/problem/problem.ts';

/** A kernel parameter: a path below /proc/sys in slash form, such as `net/ipv4/conf/eth0/rp_filter`. */
export interface Sysctl {
  readonly key: string;
  readonly value: string;
}

/** Where the kernel shows the parameters of the network namespace that the thread is in. */
const procSys = '/proc/sys';

/** @throws Problem KERNEL_REFUSED */
export function writeSysctl({ key, value }: Sysctl, root = procSys): void {
  try {
    writeFileSync(`${root}/${key}`, value);
  } catch (error) {
    throw new Problem('KERNEL_REFUSED', `could not set the sysctl ${key} to "${value}": ${reasonOf(error)}`);
  }
}

/** The same for one that a kernel may lack, as all of net/ipv6 on a host without IPv6: then there is nothing to set. */
export function writeSysctlWherePresent(sysctl: Sysctl, root = procSys): void {
  try {
    writeFileSync(`${root}/${sysctl.key}`, sysctl.value, { flag: 'r+' });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
      throw new Problem('KERNEL_REFUSED', `could not set the sysctl ${sysctl.key}: ${reasonOf(error)}`);
    }
  }
}
