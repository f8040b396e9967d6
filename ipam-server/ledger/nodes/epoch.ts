import { Problem } from '../../../core/problem/problem.ts';
import type { EpochState } from '../../../schema/node-sync.ts';
import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Write } from '../state/record.ts';

/** So many nodes a detail names, and so many the facts. */
const named = 5;
const listed = 100;

/** Which life of the ledger this is: one that was restored from a backup begins another. */
export function epochOf(ledger: Ledger): number {
  return ledger.epoch?.value ?? 1;
}

/** @throws Problem EPOCH_MISMATCH when a request is about another life of the ledger */
export function checkEpoch(ledger: Ledger, asked: number | undefined): void {
  const epoch = epochOf(ledger);
  if (asked !== undefined && asked !== epoch) {
    const detail = `the request is about epoch ${asked}, the ledger is in epoch ${epoch}`;
    throw new Problem('EPOCH_MISMATCH', detail, { epoch });
  }
}

/**
 * A restored ledger does not know what was given after its backup, so it gives nothing before the nodes have told.
 *
 * @throws Problem EPOCH_PENDING while a node has not
 */
export function checkSettled({ epoch }: Ledger): void {
  if (epoch === null || epoch.waitingFor.length === 0) {
    return;
  }
  const { value, why, waitingFor } = epoch;
  const more = waitingFor.length > named ? ` and ${waitingFor.length - named} more` : '';
  const detail = `epoch ${value} (${why}) waits for the sync of node ${waitingFor.slice(0, named).join(', ')}${more}`;
  throw new Problem('EPOCH_PENDING', detail, {
    epoch: value,
    waitingFor: waitingFor.slice(0, listed),
    waitingCount: waitingFor.length,
  });
}

/** Waits for a node no more: it has told what lives on it, or nothing does. */
export function settledBy({ epoch }: Ledger, node: string): Write[] {
  if (epoch === null || !epoch.waitingFor.includes(node)) {
    return [];
  }
  const waitingFor = epoch.waitingFor.filter((each) => each !== node);
  return [{ kind: 'epoch', name: 'current', record: { ...epoch, waitingFor } }];
}

/** Waits for no node any more: an admin answers for those that have not told. */
export function waiveEpoch(ledger: Ledger): Decision<EpochState> {
  const { epoch } = ledger;
  if (epoch === null || epoch.waitingFor.length === 0) {
    return { writes: [], answer: epochState(ledger) };
  }
  const record = { ...epoch, waitingFor: [] };
  return {
    writes: [{ kind: 'epoch', name: 'current', record }],
    answer: { ...epochState(ledger), waitingFor: [] },
    why: `waived for ${epoch.waitingFor.slice(0, listed).join(', ')}`,
  };
}

export function epochState({ epoch }: Ledger): EpochState {
  if (epoch === null) {
    return { epoch: 1, waitingFor: [] };
  }
  const { value, at, why, waitingFor } = epoch;
  return { epoch: value, since: new Date(at).toISOString(), why, waitingFor };
}
