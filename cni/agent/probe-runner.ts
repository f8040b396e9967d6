import type { Ip } from '../../core/address/ip.ts';
import { reasonOf } from '../../core/problem/problem.ts';
import type { Claim } from '../probe/claim.ts';
import type { Prober } from './doors.ts';
import type { AgentState } from './state/agent-state.ts';

interface Running {
  isUrgent: boolean;
  readonly given: AbortController;
}

export interface ProbeRunnerParts {
  readonly state: Pick<AgentState, 'toProbe' | 'probed' | 'toRecheck' | 'rechecked'>;
  readonly prober: Prober;
  /** Something has become ready, or is somebody else's. */
  readonly changed: (claim: Claim | undefined) => void;
  /** Nobody could be asked: why. */
  readonly onFailure: (reason: string) => void;
  readonly now: () => number;
}

/** Has probed whatever the reserve wants probed, all at once; and asked again what was probed long ago. */
export class ProbeRunner {
  readonly #parts: ProbeRunnerParts;
  readonly #running = new Map<string, Running>();
  #rechecking = false;

  constructor(parts: ProbeRunnerParts) {
    this.#parts = parts;
  }

  /** To be called whenever the state has changed. */
  run(): void {
    const { state, now } = this.#parts;
    const wanted = state.toProbe(now());
    const names = new Set(wanted.map(({ ip }) => ip.toString()));
    for (const [name, { given }] of this.#running) {
      if (!names.has(name)) {
        given.abort();
      }
    }
    for (const { ip, isUrgent } of wanted) {
      this.#begin(ip, isUrgent);
    }
    void this.#recheck();
  }

  close(): void {
    for (const { given } of this.#running.values()) {
      given.abort();
    }
  }

  #begin(ip: Ip, isUrgent: boolean): void {
    const name = ip.toString();
    const running = this.#running.get(name);
    if (running === undefined) {
      const fresh = { isUrgent, given: new AbortController() };
      this.#running.set(name, fresh);
      void this.#probe(ip, fresh);
    } else if (isUrgent && !running.isUrgent) {
      running.isUrgent = true;
      const { signal } = running.given;
      // Both end together; the first one's end counts.
      this.#parts.prober.probe(ip, { isUrgent, signal }).catch(() => undefined);
    }
  }

  async #probe(ip: Ip, { isUrgent, given }: Running): Promise<void> {
    const { state, prober, changed, onFailure, now } = this.#parts;
    try {
      const claim = await prober.probe(ip, { isUrgent, signal: given.signal });
      this.#running.delete(ip.toString());
      state.probed(ip, claim, now());
      changed(claim);
    } catch (error) {
      this.#running.delete(ip.toString());
      if (!given.signal.aborted) {
        onFailure(reasonOf(error));
      }
    }
  }

  async #recheck(): Promise<void> {
    const { state, prober, changed, onFailure, now } = this.#parts;
    const ips = this.#rechecking ? [] : state.toRecheck(now());
    if (ips.length === 0) {
      return;
    }
    this.#rechecking = true;
    try {
      const { asked, claims } = await prober.recheck(ips);
      state.rechecked(asked, claims, now());
      changed(claims[0]);
    } catch (error) {
      onFailure(reasonOf(error));
    } finally {
      this.#rechecking = false;
    }
  }
}
