import type { Ledger } from '../state/ledger.ts';

/** Of 253 characters a name may have; what is left is for `auto-`, two hyphens and the number. */
const longestPart = 115;

/** The name of a node's next block in a subnet: `auto-lan-n1-1`. Long names are cut; the number tells them apart. */
export function blockName(ledger: Ledger, subnet: string, node: string): string {
  const begin = `auto-${cut(subnet)}-${cut(node)}-`;
  for (let n = 1; ; n++) {
    if (!ledger.ranges.has(`${begin}${n}`)) {
      return `${begin}${n}`;
    }
  }
}

/** A label of a DNS name ends with a letter or digit. */
function cut(name: string): string {
  return name.slice(0, longestPart).replace(/[-.]+$/, '');
}
