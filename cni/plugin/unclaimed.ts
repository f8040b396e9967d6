import { Problem } from '../../core/problem/problem.ts';
import type { Draft } from '../node/node.ts';
import type { Claim } from '../probe/claim.ts';
import { type Grant, inWords } from './grant.ts';
import type { Allocation } from './ipam/ipam.ts';

/** How many addresses may turn out to be taken before an ADD gives up: then something is wrong with the network. */
const mostClaims = 5;

/**
 * An allocation of which nobody on the network claims an address: the given one, or one that comes after it. No
 * address is put to use before.
 *
 * @param draft the interface that asks
 * @param alias is written beside it
 * @throws Problem ADDRESSES_TAKEN, WANTED_ADDRESS_TAKEN; as `Grant.report` and `Grant.ask`
 */
export async function unclaimed(
  first: Allocation,
  grant: Grant,
  draft: Draft,
  alias: string,
): Promise<Allocation> {
  const found: Claim[] = [];
  let allocation = first;
  for (;;) {
    const claims = draft.probe(
      allocation.ips.map(({ address }) => address.address),
      alias,
    );
    if (claims.length === 0) {
      return allocation;
    }
    found.push(...claims);
    const givesOthers = await grant.report(claims);
    if (!givesOthers || found.length > mostClaims) {
      throw new Problem('ADDRESSES_TAKEN', inWords(found));
    }
    allocation = await askAgain(grant, found);
  }
}

/** Where no other address can be had, the reason alone would hide what is wrong with the network. */
async function askAgain(grant: Grant, found: readonly Claim[]): Promise<Allocation> {
  try {
    return await grant.ask();
  } catch (error) {
    if (error instanceof Problem) {
      throw new Problem(error.code, `${error.message}; before that, ${inWords(found)}`, error.facts, error);
    }
    throw error;
  }
}
