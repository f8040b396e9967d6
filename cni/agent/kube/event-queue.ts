import { reasonOf } from '../../../core/problem/problem.ts';
import type { KubeEvents, ToldPod } from '../doors.ts';
import { type EventDue, EventLedger, type KubeEvent } from './event-ledger.ts';

/** An API server's answer: its status is enough. */
export interface KubeAnswer {
  readonly status: number;
  readonly text: string;
}

export interface EventQueueParts {
  readonly node: string;
  /**
   * Sends a call. It rejects when no answer came.
   *
   * @param path below /api/v1
   */
  readonly call: (method: 'POST' | 'PATCH', path: string, body: object) => Promise<KubeAnswer>;
  /** An event was given up. */
  readonly lost: (reason: string) => void;
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Events that wait at most; beyond that the oldest is given up. */
export const mostWaiting = 100;

/**
 * How often one is tried, ten minutes in all, and the milliseconds before the next try, doubled each time up to the
 * longest. `refused`: how often the API server may say that we may not; while it starts it says so for some seconds.
 */
const tries = { most: 25, pause: 2_000, longest: 30_000, refused: 4 } as const;

/** What an API server answers to whom it doesn't know, or not yet. */
const refusals: ReadonlySet<number> = new Set([401, 403]);

/** Tells events one after the other, while the agent goes on with its work. */
export class EventQueue implements KubeEvents {
  readonly #parts: EventQueueParts;
  readonly #ledger: EventLedger;
  readonly #waiting: EventDue[] = [];
  #isSending = false;

  constructor(parts: EventQueueParts) {
    this.#parts = parts;
    this.#ledger = new EventLedger(parts.node);
  }

  warn(pod: ToldPod, reason: string, message: string): void {
    const due = this.#ledger.told(pod, reason, message, this.#parts.now());
    if (due === undefined) {
      return;
    }
    this.#waiting.push(due);
    if (this.#waiting.length > mostWaiting) {
      this.#waiting.shift();
      this.#parts.lost('too many events wait for the API server');
    }
    if (!this.#isSending) {
      void this.#send();
    }
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    for (let due = this.#waiting.shift(); due !== undefined; due = this.#waiting.shift()) {
      const why = await this.#deliver(due);
      if (why !== undefined) {
        this.#parts.lost(why);
      }
    }
    this.#isSending = false;
  }

  /** @returns why it was given up */
  async #deliver(due: EventDue): Promise<string | undefined> {
    let [why, refused] = ['', 0];
    for (let count = 0; count < tries.most; count++) {
      if (count > 0) {
        await this.#parts.sleep(Math.min(tries.longest, tries.pause * 2 ** (count - 1)));
      }
      try {
        const { status, text } = await this.#call(due);
        if (status < 300) {
          return undefined;
        }
        why = `the API server answers ${status}: ${text.slice(0, 200)}`;
        refused += Number(refusals.has(status));
        const mayPass = status >= 500 || status === 429 || (refusals.has(status) && refused < tries.refused);
        if (!mayPass) {
          return why;
        }
      } catch (error) {
        why = reasonOf(error);
      }
    }
    return why;
  }

  async #call({ is, event, ...rest }: EventDue & { readonly path?: string }): Promise<KubeAnswer> {
    const { call } = this.#parts;
    if (is === 'patch') {
      const { message, count, lastTimestamp } = event;
      const answer = await call('PATCH', rest.path ?? '', { message, count, lastTimestamp });
      if (answer.status !== 404) {
        return answer;
      }
      // The API server forgot it before us.
    }
    return call('POST', `/namespaces/${event.metadata.namespace}/events`, asNew(event));
  }
}

function asNew(event: KubeEvent): object {
  return { apiVersion: 'v1', kind: 'Event', ...event };
}
