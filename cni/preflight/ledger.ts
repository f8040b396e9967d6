import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { Ipam } from '../plugin/ipam/ipam.ts';
import { error, type Finding, ok } from './finding.ts';

/** Asks the server whether it is ready, and whether it takes this node's word. */
export async function judgeLedger(ipam: Pick<Ipam, 'ready' | 'list'>, network: string): Promise<Finding[]> {
  try {
    await ipam.ready();
    const { length } = (await ipam.list()).filter((each) => each.network === network);
    return [ok('server', `the IPAM server answers; this node holds ${length} attachments of ${network}`)];
  } catch (refusal) {
    const message = reasonOf(refusal);
    if (!(refusal instanceof Problem)) {
      throw refusal;
    }
    const id = refusal.code === 'IPAM_AWAY' ? 'server-away' : 'server-refuses';
    return [error(id, message, refusal.kind.advice)];
  }
}
