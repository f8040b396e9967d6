import { Problem } from '../../../core/problem/problem.ts';
import type { FenceAnswer } from '../../../schema/node-sync.ts';
import { endOf, resting } from '../allocation/release.ts';
import type { Decision } from '../decision.ts';
import { nextSequence } from '../edits/edit.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Write } from '../state/record.ts';
import { agentOf, heldAttachment } from './agent.ts';
import { settledBy } from './epoch.ts';

/**
 * Takes everything from a node that is dead: its allocations end, its reserve is taken back, all of it rests. What
 * its pods had is remembered for its return. Again, only what it has got since.
 *
 * @param why it counts as dead, for the events
 * @throws Problem OBJECT_UNKNOWN
 */
export function fenceNode(
  ledger: Ledger,
  node: string,
  why: string,
  now: number,
): Decision<Omit<FenceAnswer, 'dryRun'>> {
  if (!ledger.nodes.has(node)) {
    throw new Problem('OBJECT_UNKNOWN', `there is no node ${node}`);
  }
  const agent = agentOf(ledger, node);
  const records = [...ledger.holders.ofNode(node)];
  const warm = [...ledger.claims.warmOf(node)];
  const attachments = records.map((record) => ({
    ...heldAttachment(record),
    ...(record.pod === undefined ? {} : { pod: record.pod }),
  }));
  const fencedAt = agent.fencedAt ?? now;
  const record = {
    ...agent,
    suspects: [],
    revoked: [...agent.revoked, ...records.map(heldAttachment)],
    fencedAt,
  };
  return {
    writes: [
      ...records.flatMap((each, index) => endOf(ledger, each, now, 1 + index)),
      ...restingReserve(ledger, node, now, 1 + records.length),
      { kind: 'agent', name: node, record },
      ...settledBy(ledger, node),
    ],
    answer: {
      node,
      fencedAt: new Date(fencedAt).toISOString(),
      attachments,
      addresses: [...attachments.flatMap(({ addresses }) => addresses), ...warm],
    },
    why,
  };
}

/** The reserve of a node that is gone rests: one of its pods may have an address that was not told any more. */
export function restingReserve(ledger: Ledger, node: string, now: number, ahead = 1): Write[] {
  return [...ledger.claims.warmOf(node)].flatMap((address, index) =>
    restingWarm(ledger, address, node, now, ahead + index),
  );
}

/**
 * Ends the hold of a reserve on an address, which rests from now.
 *
 * @param ahead 2 for the second of one decision, and so on: what rests comes in this order
 */
export function restingWarm(
  ledger: Ledger,
  address: string,
  node: string,
  now: number,
  ahead: number,
): Write[] {
  const { value: sequence, write } = nextSequence(ledger, ahead);
  return [
    write,
    ...resting(ledger, address, { at: now, sequence, by: `the reserve of node ${node}` }),
    { kind: 'warm', name: address, record: null },
  ];
}
