/** Written beside a sub-interface that we made: it goes with its last user. One without is an admin's, and stays. */
export const vlanAlias = 'realip-vlan';

/** IFNAMSIZ of <linux/if.h> is 16, the closing zero included. */
const longestName = 15;

/** `eth0.100`, as everybody calls it; by the master's index where that is too long. */
export function vlanName(master: { readonly index: number; readonly name: string }, id: number): string {
  const usual = `${master.name}.${id}`;
  return new TextEncoder().encode(usual).length <= longestName ? usual : `rv${master.index}.${id}`;
}
