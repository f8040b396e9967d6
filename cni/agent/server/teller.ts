import type { Logger } from 'winston';
import { present } from '../../../core/cni/present.ts';
import type { Release } from '../../journal/record.ts';
import type { GroupJournal } from '../journal/group-journal.ts';
import type { AgentState } from '../state/agent-state.ts';
import type { Outgoing, OutgoingAnswer } from '../state/outgoing.ts';
import type { ConflictTeller } from '../watch/conflict-teller.ts';
import type { IpamServer } from './ipam-server.ts';

/** So many items a batch: an hour's outage is told in a few. */
const largestBatch = 500;

export interface TellerParts {
  readonly state: Pick<AgentState, 'outbox' | 'told' | 'end' | 'isTelling'>;
  readonly server: Pick<IpamServer, 'batch'>;
  readonly journal: Pick<GroupJournal, 'read' | 'remove'>;
  /** Claims of other hosts: told before the end of the pod, else its address only rests, and is given again. */
  readonly conflicts: Pick<ConflictTeller, 'tell'>;
  readonly log: Pick<Logger, 'warn' | 'error'>;
  /** Kept once the disk has what the state says: what was given away must not be found in the reserve again. */
  readonly secure: () => Promise<void>;
  readonly now: () => number;
}

/** Tells the server what began and ended here, in order; the journal's lines go when it knows of them. */
export class Teller {
  readonly #parts: TellerParts;
  /** How many lines the journal had when it was last read. */
  #lines = 0;
  #damaged = 0;

  constructor(parts: TellerParts) {
    this.#parts = parts;
  }

  get journalled(): number {
    return this.#lines;
  }

  /** Takes in what plugins wrote down while no agent answered, or an earlier agent did. */
  async takeIn(): Promise<readonly Release[]> {
    const { journal, state, now, log } = this.#parts;
    const { releases, damaged } = await journal.read();
    if (damaged > this.#damaged) {
      log.warn('lines of the journal are damaged; the kernel decides about those pods', { damaged });
    }
    this.#damaged = damaged;
    this.#lines = releases.length;
    for (const release of releases) {
      const { generation, serial } = release;
      state.end(release, now(), present({ generation, serial }));
    }
    return releases;
  }

  /**
   * One step of each attachment; when it returns true, something has moved, and there may be more.
   *
   * @throws what the server's client throws; what wasn't told stays
   */
  async tell(): Promise<boolean> {
    const releases = await this.takeIn();
    await this.#parts.conflicts.tell();
    const out = this.#parts.state.outbox(this.#parts.now()).slice(0, largestBatch);
    if (out.length > 0) {
      await this.#parts.secure();
      await this.#send(out);
    }
    const told = releases.filter((release) => !this.#parts.state.isTelling(release));
    await this.#parts.journal.remove(told);
    this.#lines -= told.length;
    // What the server answers and that moves nothing is not said again at once.
    const left = this.#parts.state.outbox(this.#parts.now()).slice(0, largestBatch);
    return JSON.stringify(left) !== JSON.stringify(out);
  }

  /**
   * The server takes a batch's releases first: one attachment has one item at most, so that order is kept.
   */
  async #send(out: readonly Outgoing[]): Promise<void> {
    const { server, state, now, log } = this.#parts;
    const allocate = out.filter((each) => each.is === 'allocate');
    const release = out.filter((each) => each.is === 'release');
    const [first] = out;
    const answer = await server.batch(
      {
        ...(release.length === 0 ? {} : { release: release.map((each) => each.release) }),
        ...(allocate.length === 0 ? {} : { allocate: allocate.map((each) => each.allocate) }),
      },
      out.length === 1 ? first?.requestId : undefined,
    );
    const take = (outgoing: Outgoing, told: OutgoingAnswer | undefined) => {
      const trouble = told && state.told(outgoing, told, now());
      if (trouble !== undefined) {
        const { network, containerId, ifname, pod } = trouble.stay;
        const { code, detail } = trouble;
        log.warn('the server does not take an attachment for what it is', {
          ...{ network, containerId, ifname, pod: pod && `${pod.namespace}/${pod.name}` },
          ...{ code, detail, request: outgoing.requestId },
        });
      }
    };
    for (const [index, each] of release.entries()) {
      take(each, answer.released[index]);
    }
    for (const [index, each] of allocate.entries()) {
      take(each, answer.allocated[index]);
    }
  }
}
