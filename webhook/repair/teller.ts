import { setTimeout as after } from 'node:timers/promises';
import { reasonOf } from '../../core/problem/problem.ts';
import type { ApiServer, KubeAnswer } from '../kube/api-server.ts';
import { messageOf } from '../kube/listed.ts';
import { kubeEvent } from './kube-event.ts';
import type { StoredPod } from './stored-pod.ts';
import type { Notice } from './words.ts';

/** At most ten events a second. */
const paceMs = 100;
const restMs = 5_000;
/** The API server forgets an event an hour after its last change: what still holds is told again before. */
const againMs = 45 * 60_000;

export interface TellerParts {
  readonly api: Pick<ApiServer, 'call'>;
  readonly lost: (reason: string) => void;
}

interface Telling {
  readonly stored: StoredPod;
  readonly notice: Notice;
  /** When the API server took it, or null. */
  toldAt: number | null;
  /** Whether it is said of a pod that goes. */
  readonly isLast: boolean;
}

/** Tells what holds of pods as events on them: each once, again when its words change, and anew before it is forgotten. */
export class Teller {
  readonly #parts: TellerParts;
  /** By pod's key, then by reason. */
  readonly #tellings = new Map<string, Map<string, Telling>>();
  readonly #end = new AbortController();
  readonly #due: Telling[] = [];
  #lookedAt = 0;

  constructor(parts: TellerParts) {
    this.#parts = parts;
  }

  /** These notices hold of the pod now, and no others. */
  tell(key: string, stored: StoredPod, notices: readonly Notice[]): void {
    const before = this.#tellings.get(key);
    const now = new Map<string, Telling>();
    for (const notice of notices) {
      const known = before?.get(notice.reason);
      if (known?.notice.message === notice.message && known.stored.uid === stored.uid) {
        now.set(notice.reason, known);
        continue;
      }
      const telling = { stored, notice, toldAt: null, isLast: false };
      now.set(notice.reason, telling);
      this.#due.push(telling);
    }
    this.#tellings.set(key, now);
  }

  /** Tells once what is to be known even when the pod is gone. */
  say(stored: StoredPod, notice: Notice): void {
    this.#due.push({ stored, notice, toldAt: null, isLast: true });
  }

  /** Nothing is to be told of the pod any more. */
  forget(key: string): void {
    this.#tellings.delete(key);
  }

  /** Tells until `stop`. */
  async run(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      this.#renew();
      const telling = this.#due[0];
      if (telling === undefined || (await this.#send(telling))) {
        this.#due.shift();
        await after(paceMs, undefined, { signal }).catch(() => {});
      } else {
        await after(restMs, undefined, { signal }).catch(() => {});
      }
    }
  }

  stop(): void {
    this.#end.abort();
  }

  /** What was told long ago is due once more. */
  #renew(): void {
    const now = Date.now();
    if (now - this.#lookedAt < 60_000) {
      return;
    }
    this.#lookedAt = now;
    for (const ofPod of this.#tellings.values()) {
      for (const telling of ofPod.values()) {
        if (telling.toldAt !== null && now - telling.toldAt >= againMs) {
          telling.toldAt = null;
          this.#due.push(telling);
        }
      }
    }
  }

  /** Whether the telling is done with. */
  async #send(telling: Telling): Promise<boolean> {
    const { stored, notice, isLast } = telling;
    const key = `${stored.namespace}/${stored.name}`;
    if (!isLast && this.#tellings.get(key)?.get(notice.reason) !== telling) {
      return true;
    }
    try {
      const { status, body } = await this.#put(stored, notice);
      if (status === 429 || status >= 500) {
        this.#parts.lost(`the API server answers ${status}: ${messageOf(body)}`);
        return false;
      }
      if (status >= 300) {
        // Such as a namespace on its way out: it would be refused for ever.
        this.#parts.lost(`the event ${notice.reason} on ${key}: ${status} ${messageOf(body)}`);
      }
      telling.toldAt = Date.now();
      return true;
    } catch (error) {
      this.#parts.lost(reasonOf(error));
      return false;
    }
  }

  async #put(stored: StoredPod, notice: Notice): Promise<KubeAnswer> {
    const event = kubeEvent(stored, notice, new Date());
    const path = `/api/v1/namespaces/${stored.namespace}/events`;
    const made = await this.#parts.api.call({ method: 'POST', path, body: event });
    if (made.status !== 409) {
      return made;
    }
    const { message, type, lastTimestamp } = event;
    const body = { message, type, lastTimestamp };
    return this.#parts.api.call({ method: 'PATCH', path: `${path}/${event.metadata.name}`, body });
  }
}
