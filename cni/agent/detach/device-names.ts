import { hostSidePrefix } from '../../node/access/shim-identity.ts';
import { podEndName } from '../../node/access/veth-identity.ts';

/** Names of interfaces, from a namespace's `/proc/net/dev`: two lines of titles, then `name: counters`. */
export function deviceNames(text: string): string[] {
  return text
    .split('\n')
    .slice(2)
    .map((line) => line.slice(0, Math.max(0, line.lastIndexOf(':'))).trim())
    .filter((name) => name !== '');
}

/**
 * The pod's end of the pair to the host that goes with an interface, when the names alone tell it.
 *
 * @param index of the interface, as far as it is there still
 * @returns a name; undefined when there is none; `unclear` when aliases must be looked at
 */
export function pairOf(names: readonly string[], index: number | undefined): string | undefined | 'unclear' {
  const ends = names.filter((name) => name.startsWith(hostSidePrefix));
  const [end, ...others] = ends;
  if (end === undefined) {
    return undefined;
  }
  return others.length === 0 && index !== undefined && end === podEndName(index) ? end : 'unclear';
}
