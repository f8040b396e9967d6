import { setTimeout as after } from 'node:timers/promises';
import { reasonOf } from '../../core/problem/problem.ts';
import type { Policy } from '../policy/policy.ts';
import { type Attempt, type AttemptParts, type AttemptResult, attempt } from './attempt.ts';
import type { Census, Misplaced } from './census.ts';
import { leaveOf } from './leave.ts';
import { Owners, type OwnerWait } from './owners.ts';
import type { StoredPod } from './stored-pod.ts';
import { evictedNotice, type Notice, waitNotice } from './words.ts';

const lookMs = 1_000;
/** Between two evictions, whatever they are of: six a minute. */
const paceMs = 10_000;
/** After an attempt that came to nothing its owner is left alone: so long at first, doubled each time. */
const retry = { firstMs: 15_000, mostMs: 300_000 } as const;

export interface EvictorParts extends Pick<AttemptParts, 'api'> {
  readonly census: Pick<Census, 'pods' | 'nodes' | 'misplaced' | 'policy'>;
  /** The policy in use; the census may be behind. */
  readonly policy: () => Policy;
  /** Whether this replica acts at this moment. */
  readonly isActing: () => boolean;
  readonly tried: (misplaced: Misplaced, result: Attempt) => void;
  /** What keeps a pod from being evicted. */
  readonly waits: (key: string, notice: Notice) => void;
  /** What is to be said of a pod that goes. */
  readonly goes: (stored: StoredPod, notice: Notice) => void;
  readonly troubled: (reason: string) => void;
}

/** A controller that has replaced no pod, or whose replacement isn't ready, by then is told of. */
const patienceMs = 60_000;

interface Delay {
  readonly until: number;
  readonly ms: number;
}

/** Evicts misplaced pods, as far as the policy lets it: few, slowly, and only to where they would be right. */
export class Evictor {
  readonly #parts: EvictorParts;
  readonly #end = new AbortController();
  readonly #owners = new Owners();
  readonly #delays = new Map<string, Delay>();
  #policy: Policy | null = null;
  readonly #waiting = new Map<string, { readonly wait: OwnerWait; readonly since: number }>();
  #restUntil = 0;

  constructor(parts: EvictorParts) {
    this.#parts = parts;
  }

  /** Works until `stop`. */
  async run(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        await this.#step();
      } catch (error) {
        this.#parts.troubled(reasonOf(error));
        this.#rest(paceMs);
      }
      await after(lookMs, undefined, { signal }).catch(() => {});
    }
  }

  stop(): void {
    this.#end.abort();
  }

  /** At most one attempt. */
  async #step(): Promise<void> {
    const { census } = this.#parts;
    const policy = this.#parts.policy();
    if (!this.#mayAct(policy) || Date.now() < this.#restUntil) {
      return;
    }
    if (policy !== this.#policy) {
      this.#policy = policy;
      this.#owners.forget();
      this.#delays.clear();
      this.#waiting.clear();
    }
    if (policy.repair.evict.length === 0 || census.misplaced.size === 0) {
      return;
    }
    const ofOwner = podsByOwner(census.pods.values());
    for (const [key, misplaced] of census.misplaced) {
      const { stored, finding } = misplaced;
      if (misplaced.policy !== policy) {
        continue;
      }
      const owner = stored.controller?.uid;
      if (owner === undefined || leaveOf(stored, finding, policy.repair, Date.now()) !== null) {
        continue;
      }
      const pods = ofOwner.get(owner) ?? [];
      if ((this.#delays.get(owner)?.until ?? 0) > Date.now()) {
        continue;
      }
      const wait = this.#owners.waitOf(owner, pods, (pod) =>
        census.misplaced.get(`${pod.namespace}/${pod.name}`),
      );
      if (wait !== null) {
        if (this.#lasts(owner, wait)) {
          this.#parts.waits(key, waitNotice(wait, ''));
        }
        continue;
      }
      this.#waiting.delete(owner);
      await this.#attempt(key, misplaced, owner, pods, policy);
      return;
    }
  }

  async #attempt(
    key: string,
    misplaced: Misplaced,
    owner: string,
    pods: readonly StoredPod[],
    policy: Policy,
  ): Promise<void> {
    const { census, api, tried, waits, goes } = this.#parts;
    const outcome = await attempt(misplaced, {
      api,
      pods: census.pods,
      nodes: census.nodes,
      mayAct: () => this.#mayAct(policy),
    });
    tried(misplaced, outcome);
    const { result, detail } = outcome;
    if (result === 'evicted') {
      this.#owners.evicted(owner, pods);
      this.#delays.delete(owner);
      goes(misplaced.stored, evictedNotice(misplaced));
      this.#rest(paceMs);
      return;
    }
    this.#delay(owner);
    if (result === 'changed') {
      return;
    }
    waits(key, waitNotice(result, detail));
    if (isOfAll(result)) {
      this.#rest(paceMs);
    }
  }

  /** Only while this replica acts, and only what was found by the policy of now. */
  #mayAct(policy: Policy): boolean {
    const { census, isActing } = this.#parts;
    return (
      !this.#end.signal.aborted && isActing() && census.policy === policy && this.#parts.policy() === policy
    );
  }

  /** Whether an owner waits so long that somebody should know: a replacement needs its time. */
  #lasts(owner: string, wait: OwnerWait): boolean {
    const before = this.#waiting.get(owner);
    if (before?.wait !== wait) {
      this.#waiting.set(owner, { wait, since: Date.now() });
      return wait === 'comes-back';
    }
    return wait === 'comes-back' || Date.now() - before.since >= patienceMs;
  }

  #delay(owner: string): void {
    const before = this.#delays.get(owner);
    const ms = before === undefined ? retry.firstMs : Math.min(before.ms * 2, retry.mostMs);
    this.#delays.set(owner, { ms, until: Date.now() + ms });
  }

  #rest(ms: number): void {
    this.#restUntil = Date.now() + ms;
  }
}

/** Whether the result would be the same with any other pod. */
function isOfAll(result: AttemptResult): boolean {
  return result === 'webhook-away' || result === 'failed';
}

function podsByOwner(pods: Iterable<StoredPod>): Map<string, StoredPod[]> {
  const byOwner = new Map<string, StoredPod[]>();
  for (const pod of pods) {
    const owner = pod.controller?.uid;
    if (owner !== undefined && !pod.isEnding) {
      const pods = byOwner.get(owner) ?? [];
      pods.push(pod);
      byOwner.set(owner, pods);
    }
  }
  return byOwner;
}
