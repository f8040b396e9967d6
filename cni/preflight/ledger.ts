import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { Config } from '../plugin/config.ts';
import type { Ipam } from '../plugin/ipam/ipam.ts';
import { error, type Finding, type FindingId, ok } from './finding.ts';

/** Asks the server whether it is ready, takes this node's word, and has addresses for it. */
export async function judgeLedger(
  ipam: Pick<Ipam, 'ready' | 'list'>,
  { name: network, ipam: wish }: Pick<Config, 'name' | 'ipam'>,
): Promise<Finding[]> {
  try {
    await ipam.ready(wish);
    const { length } = (await ipam.list()).filter((each) => each.network === network);
    return [ok('server', `the IPAM server answers; this node holds ${length} attachments of ${network}`)];
  } catch (refusal) {
    const message = reasonOf(refusal);
    if (!(refusal instanceof Problem)) {
      throw refusal;
    }
    return [error(idOf(refusal), message, refusal.kind.advice)];
  }
}

function idOf({ code }: Problem): FindingId {
  switch (code) {
    case 'IPAM_AWAY':
      return 'server-away';
    case 'IPAM_NONE_FREE':
      return 'no-address-free';
    default:
      return 'server-refuses';
  }
}
