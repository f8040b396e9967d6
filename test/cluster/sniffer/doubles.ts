import type { Claim } from './frame.ts';

/**
 * A holder is asked again and again, and answers. One who is silent for so long, in seconds, has the address no more.
 */
export const silence = 30;

/** A time in which one place held an address, in seconds since 1970. */
export interface Holding {
  readonly address: string;
  readonly place: string;
  readonly from: number;
  to: number;
}

/**
 * The addresses that two places held at a time, in words, from claims in the order of their times. A place is a port
 * of the switch and a MAC. The port counts, because MACs are derived from addresses: two holders on two nodes have
 * the same MAC. On one node they can't: the kernel refuses a second macvlan with the MAC of another on its master.
 */
export function doublesIn(claims: readonly Claim[]): string[] {
  return byAddress(holdingsIn(claims)).flatMap((holdings) =>
    holdings.flatMap((holding, index) =>
      holdings
        .slice(index + 1)
        .filter(
          (other) => other.place !== holding.place && other.from < holding.to && holding.from < other.to,
        )
        .map(
          (other) =>
            `${holding.address} was held at ${told(holding)} and at ${told(other)}: ${seconds(holding, other)} s at once`,
        ),
    ),
  );
}

/** Who held which address when, from claims in the order of their times. */
export function holdingsIn(claims: readonly Claim[]): Holding[] {
  return byAddress(claims).flatMap(holdingsOf);
}

function byAddress<T extends { readonly address: string }>(items: readonly T[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const known = groups.get(item.address);
    known === undefined ? groups.set(item.address, [item]) : known.push(item);
  }
  return [...groups.values()];
}

/**
 * The claims of one place are one holding, unless it was silent for long, or announced the address anew after another
 * place had had it: so does a pod that gets an address which moved away and came back.
 */
function holdingsOf(claims: readonly Claim[]): Holding[] {
  const holdings: Holding[] = [];
  const latest = new Map<string, Holding>();
  let last: Holding | undefined;
  for (const { address, time, port, mac, isAnnouncement } of claims) {
    const place = `${port} (${mac})`;
    let holding = latest.get(place);
    const isNew =
      holding === undefined || time - holding.to > silence || (isAnnouncement && last?.place !== place);
    if (holding === undefined || isNew) {
      holding = { address, place, from: time, to: time };
      holdings.push(holding);
      latest.set(place, holding);
    }
    holding.to = time;
    last = holding;
  }
  return holdings;
}

function told({ place, from, to }: Holding): string {
  return `${place} from ${clock(from)} to ${clock(to)}`;
}

function clock(time: number): string {
  return new Date(time * 1000).toISOString().slice(11, 23);
}

function seconds(one: Holding, other: Holding): string {
  return (Math.min(one.to, other.to) - Math.max(one.from, other.from)).toFixed(1);
}
