import type { Fields, OnFault } from '../../core/cni/fields.ts';
import type { Sysctl } from '../node/sysctl.ts';

/**
 * The `sysctl` section. Keys have the slash form, because interface names may hold dots, and stay below `net/`:
 * all others belong to the whole host.
 */
export function readSysctls(fields: Fields, onFault: OnFault): Sysctl[] {
  const sysctls: Sysctl[] = [];
  for (const key of fields.keys) {
    const value = fields.text(key);
    const fault = faultOfKey(key);
    if (fault !== undefined) {
      onFault(`sysctl: "${key}" ${fault}`, `sysctl.${key}`);
    } else if (value !== undefined) {
      sysctls.push({ key, value });
    }
  }
  return sysctls;
}

function faultOfKey(key: string): string | undefined {
  if (!key.includes('/')) {
    return `is not in slash form; write "${key.replaceAll('.', '/')}"`;
  }
  const [first, ...rest] = key.split('/');
  if (first !== 'net') {
    return 'is not below net/, and so not the pod’s own';
  }
  return rest.some((part) => part === '' || part === '.' || part === '..')
    ? 'is no path below net/'
    : undefined;
}
