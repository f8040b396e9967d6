import type { Fields } from '../../core/cni/fields.ts';
import { Problem } from '../../core/problem/problem.ts';

/** `main` makes interfaces, `ipam` gives addresses to another plugin's. */
export type Role = 'main' | 'ipam';

/**
 * What the executable is called for.
 *
 * @param calledAs the name that it was called by
 * @throws Problem INVALID_NETWORK_CONFIG
 */
export function roleOf(conf: Fields, calledAs: string): Role {
  const type = conf.text('type') ?? '';
  const isMain = type === 'realip' && calledAs !== 'realip-ipam';
  const isAsked = calledAs === 'realip-ipam' || (type !== '' && ipamTypeOf(conf) === 'realip-ipam');
  if (!isMain && !isAsked) {
    const words = `type is "${type}"; it must be "realip", or ipam.type be "realip-ipam" under another plugin`;
    throw new Problem('INVALID_NETWORK_CONFIG', words);
  }
  return isMain ? 'main' : 'ipam';
}

/** A section that can't be read is told by whoever reads all of it. */
function ipamTypeOf(conf: Fields): unknown {
  const section = conf.raw('ipam');
  return typeof section === 'object' && section !== null && 'type' in section ? section.type : undefined;
}
