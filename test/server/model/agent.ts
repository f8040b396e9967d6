import type { LiveAttachment, SyncAnswer, SyncRequest } from '../../../schema/node-sync.ts';
import type { ReserveAnswer, ReserveRequest } from '../../../schema/reserve.ts';
import type { Step } from './step.ts';

/** A container that a report lacked. */
interface Missing {
  readonly containerId: string;
  readonly at: number;
  /** Which report: they are counted. */
  readonly report: number;
}

/** A report on its way, and what is to be made of its answer. */
interface Report {
  readonly request: SyncRequest;
  /** It was decided: nothing is taken back that was not missing twice. */
  decided(answer: SyncAnswer): void;
  /** The agent has heard the answer. */
  answered(answer: SyncAnswer): void;
}

/** What a node's agent remembers; it was told only what was answered. */
export class Agent {
  #reserve: readonly string[] = [];
  /** The `time` of the last answer. */
  #time: string | undefined;
  /** What its reports lacked, as far as no later one that was answered showed it. */
  #missing: Missing[] = [];
  #reports = 0;

  reserveRequest({ want, keeps, isAware }: Extract<Step, { do: 'warm' }>): ReserveRequest {
    const hold = this.#reserve.filter((_, i) => (keeps >> i) % 2 === 1);
    return {
      want: { four: want, six: want },
      hold: hold.map((address) => ({ address, state: 'ready' })),
      ...this.#asOf(isAware),
    };
  }

  granted({ addresses, time }: Pick<ReserveAnswer, 'addresses' | 'time'>): void {
    this.#reserve = addresses.map(({ address }) => address.replace(/\/.*/, ''));
    this.#time = time;
  }

  /** @param all every container that there may be */
  report(attachments: LiveAttachment[], all: readonly string[], isAware: boolean): Report {
    const report = ++this.#reports;
    const shown = new Set(attachments.map(({ containerId }) => containerId));
    return {
      request: { attachments, ...this.#asOf(isAware) },
      decided: ({ release, time }) => {
        const at = Date.parse(time);
        for (const { containerId } of release) {
          const earlier = this.#missing.filter((each) => each.containerId === containerId);
          expect([containerId, earlier.some((each) => each.at + 5_000 <= at)]).toEqual([containerId, true]);
        }
        const lacked = all.filter((containerId) => !shown.has(containerId));
        this.#missing.push(...lacked.map((containerId) => ({ containerId, at, report })));
      },
      answered: ({ time }) => {
        // What a crash took along the server does not know of: only an answer ends a suspicion.
        this.#missing = this.#missing.filter((each) => each.report > report || !shown.has(each.containerId));
        this.#time = time;
      },
    };
  }

  #asOf(isAware: boolean): { readonly asOf?: string } {
    return isAware && this.#time !== undefined ? { asOf: this.#time } : {};
  }
}
