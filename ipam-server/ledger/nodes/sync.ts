import type { HeldAttachment, SyncAnswer, SyncConflict, SyncRequest } from '../../../schema/node-sync.ts';
import type { Each } from '../command.ts';
import type { Decision, Moment } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import { attachmentName } from '../state/record.ts';
import { agentOf, asOfIn, heldAttachment, zoneOf } from './agent.ts';
import { checkEpoch, epochOf, settledBy } from './epoch.ts';
import { leavingReserves, ownAddresses, ownConflicts } from './own-addresses.ts';
import { conflictOf, judge, mark, sightOf } from './sight.ts';
import { heldSuspects, missing, type Suspect, takeBack } from './suspects.ts';

/** What a sync came to: the answer, and how many conflicts are new. */
export interface Synced {
  readonly answer: SyncAnswer;
  readonly marked: number;
}

/** What the report shows, compared with the ledger. */
interface Compared {
  readonly revoked: HeldAttachment[];
  readonly adopted: HeldAttachment[];
  readonly conflicts: SyncConflict[];
  marked: number;
}

/**
 * Brings the ledger in line with what lives on a node. What lives is kept or adopted; what does not is taken back
 * only after two reports, and only if it is still the same; what contradicts the ledger is told and left as it is.
 *
 * @throws Problem NODE_UNKNOWN, EPOCH_MISMATCH, INVALID_REQUEST; nothing is changed then
 */
export function syncNode(step: Each, node: string, report: SyncRequest): Synced {
  const asOf = asOfIn(report.asOf);
  const zone = step((ledger) => {
    checkEpoch(ledger, report.epoch);
    return { writes: [], answer: zoneOf(ledger, node) };
  });
  const compared = compare(step, node, zone, report, asOf);
  const shown = new Set(report.attachments.map(attachmentName));
  const { gone, suspects } = step((ledger, { now }) => ({
    writes: [],
    answer: missing(ledger, { node, shown, asOf }, now),
  }));
  for (const record of gone) {
    step((ledger, { now }) => takeBack(ledger, record, now));
  }
  const { marked, conflicts, revoked, adopted } = compared;
  const noted = step((ledger, moment) => note(ledger, node, report, { asOf, revoked, suspects }, moment));
  return {
    answer: {
      release: gone.map(heldAttachment),
      revoked,
      adopted,
      ...noted,
      conflicts: [...conflicts, ...noted.conflicts],
    },
    marked,
  };
}

function compare(
  step: Each,
  node: string,
  zone: string,
  report: SyncRequest,
  asOf: number | undefined,
): Compared {
  const compared: Compared = { revoked: [], adopted: [], conflicts: [], marked: 0 };
  for (const attachment of report.attachments) {
    const sight = sightOf(node, zone, attachment);
    const judgement = step((ledger, moment) => judge(ledger, sight, asOf, moment));
    if (judgement.is === 'revoked') {
      compared.revoked.push(judgement.entry);
    } else if (judgement.is === 'strange') {
      compared.adopted.push(...(judgement.adopted === null ? [] : [judgement.adopted]));
      for (const refusal of judgement.refusals) {
        compared.conflicts.push(conflictOf(sight, refusal));
        compared.marked += step((ledger, moment) => mark(ledger, sight, refusal, moment)) ? 1 : 0;
      }
    }
  }
  return compared;
}

/** Keeps what was said: that the node lives, its own addresses, what was missing, what it still has to give up. */
function note(
  ledger: Ledger,
  node: string,
  report: SyncRequest,
  seen: {
    readonly asOf: number | undefined;
    readonly revoked: readonly HeldAttachment[];
    readonly suspects: readonly Suspect[];
  },
  { now }: Moment,
): Decision<Pick<SyncAnswer, 'conflicts' | 'suspects' | 'epoch' | 'time'>> {
  const before = agentOf(ledger, node);
  const addresses = report.addresses === undefined ? before.addresses : ownAddresses(report.addresses);
  // A report from before the fence does not say that the node has given up what it lost by it.
  const isOlder = seen.asOf !== undefined && seen.asOf < (before.fencedAt ?? 0);
  const revoked = isOlder ? before.revoked : [...new Set(seen.revoked)];
  const suspects = [...seen.suspects];
  return {
    writes: [
      { kind: 'agent', name: node, record: { syncedAt: now, addresses, suspects, revoked } },
      ...leavingReserves(ledger, addresses),
      ...settledBy(ledger, node),
    ],
    answer: {
      conflicts: ownConflicts(ledger, node, addresses),
      suspects: heldSuspects(ledger, suspects),
      epoch: epochOf(ledger),
      time: new Date(now).toISOString(),
    },
  };
}
