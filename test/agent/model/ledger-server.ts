import type { Outgoing, OutgoingAnswer } from '../../../cni/agent/state/outgoing.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { allocate } from '../../../ipam-server/ledger/allocation/allocate.ts';
import { release } from '../../../ipam-server/ledger/allocation/release.ts';
import { fenceNode } from '../../../ipam-server/ledger/nodes/fence.ts';
import { putReserve } from '../../../ipam-server/ledger/nodes/reserve.ts';
import type { Allocation, AllocationRequest } from '../../../schema/allocation.ts';
import type { SyncAnswer, SyncRequest } from '../../../schema/node-sync.ts';
import type { ProblemAnswer } from '../../../schema/problem.ts';
import type { ReserveAnswer, ReserveRequest } from '../../../schema/reserve.ts';
import { LedgerTrial } from '../../server/ledger-trial.ts';

const ranges = {
  shared: { subnet: 'four', start: '10.9.0.0', end: '10.9.0.5' },
  own: { subnet: 'four', start: '10.9.0.8', end: '10.9.0.10', node: 'n1' },
  six: { subnet: 'six', start: 'fd00:9::', end: 'fd00:9::9' },
};

/** The real ledger, called as the server's HTTP routes call it. */
export class LedgerServer {
  readonly trial = new LedgerTrial();
  #epoch = 1;

  get now(): number {
    return this.trial.now;
  }

  set now(now: number) {
    this.trial.now = now;
  }

  sync(request: SyncRequest): SyncAnswer | ProblemAnswer {
    return orProblem(() => this.trial.sync('n1', request.attachments, request));
  }

  reserve(request: ReserveRequest): ReserveAnswer | ProblemAnswer {
    return orProblem(() => {
      const { answer, reserved, matched } = putReserve(this.trial.step, 'n1', request);
      const labels = matched.podLabels.length + matched.namespaceLabels.length > 0;
      const lists = { pods: [...reserved.pods], owners: [...reserved.owners], ...listsOf(matched) };
      return { ...answer, constraints: { version: JSON.stringify(lists), ...lists, labels } };
    });
  }

  /** Releases first, as POST /v1/allocations:batch does it. */
  batch(out: readonly Outgoing[]): Map<Outgoing, OutgoingAnswer> {
    const answers = new Map<Outgoing, OutgoingAnswer>();
    for (const each of out) {
      if (each.is === 'release') {
        const { generation, ...key } = each.release;
        const bounds = generation === undefined ? { node: 'n1' } : { node: 'n1', generation };
        const released = orProblem(() =>
          this.trial.step((ledger, moment) => ({
            ...release(ledger, key, bounds, moment),
            answer: { ...key, addresses: [] },
          })),
        );
        answers.set(each, released);
      }
    }
    for (const each of out) {
      if (each.is === 'allocate') {
        answers.set(each, this.allocate(each.allocate));
      }
    }
    return answers;
  }

  allocate(request: AllocationRequest): Allocation | ProblemAnswer {
    return orProblem(() => this.trial.step((ledger, moment) => allocate(ledger, request, moment)).allocation);
  }

  fence(): void {
    this.trial.step((ledger, { now }) => fenceNode(ledger, 'n1', 'it is dead', now));
  }

  beginEpoch(): void {
    const record = { value: ++this.#epoch, at: this.now, why: 'restored', waitingFor: ['n1'] };
    this.trial.write({ kind: 'epoch', name: 'current', record });
  }

  setRange(name: 'shared' | 'own' | 'six', isDisabled: boolean): void {
    this.trial.addRange(name, { ...ranges[name], disabled: isDisabled });
  }

  /** Reserves it for a pod that never comes, for an hour. */
  reserveAddress(address: string): void {
    const expiresAt = new Date(this.now + 3_600_000).toISOString();
    const pod = { namespace: 'shop', name: 'web-99' };
    const name = `r-${address.replaceAll(/[.:]/g, '-')}`;
    this.trial.putReservation(name, { addresses: [address], pod, expiresAt });
  }

  /** The addresses of the node's allocations, by container. */
  allocated(): Map<string, string[]> {
    const records = [...this.trial.ledger.holders.ofNode('n1')];
    return new Map(records.map(({ containerId, ips }) => [containerId, ips.map(({ address }) => address)]));
  }
}

export function isProblem(
  answer: Allocation | SyncAnswer | ReserveAnswer | ProblemAnswer,
): answer is ProblemAnswer {
  return 'code' in answer;
}

function listsOf(matched: {
  namespaces: readonly string[];
  podLabels: readonly string[];
  namespaceLabels: readonly string[];
}) {
  const { namespaces, podLabels, namespaceLabels } = matched;
  return { namespaces: [...namespaces], podLabels: [...podLabels], namespaceLabels: [...namespaceLabels] };
}

function orProblem<Answer>(act: () => Answer): Answer | ProblemAnswer {
  try {
    return act();
  } catch (error) {
    if (!(error instanceof Problem)) {
      throw error;
    }
    const { code, message: detail, kind, facts } = error;
    return { type: code, title: kind.title, status: kind.status ?? 500, detail, code, ...facts };
  }
}
