import { reasonOf } from '../../../core/problem/problem.ts';
import type { AgentState } from '../state/agent-state.ts';

export interface ConflictTellerParts {
  readonly state: Pick<AgentState, 'claimsToTell' | 'claimTold'>;
  readonly server: {
    /**
     * POST /v1/addresses/{ip}:conflict without an attachment: the address stays with its pod, and is quarantined when
     * the pod goes.
     *
     * @throws a Problem AGENT_SERVER_AWAY, or whatever the server answers
     */
    conflict(ip: string, mac: string): Promise<void>;
  };
  /** Whether a failure is the server's no, and not its being away. */
  readonly isRefusal: (error: unknown) => boolean;
  readonly log: { warn(message: string, facts: object): void };
}

/** Tells the server who else uses the addresses of this node's pods. What it can't be told stays with the state. */
export class ConflictTeller {
  readonly #parts: ConflictTellerParts;

  constructor(parts: ConflictTellerParts) {
    this.#parts = parts;
  }

  /** @throws what the server's client throws while the server is away */
  async tell(): Promise<void> {
    const { state, server, isRefusal, log } = this.#parts;
    for (const claim of state.claimsToTell()) {
      const { ip, mac } = claim;
      try {
        await server.conflict(ip, mac);
      } catch (error) {
        if (!isRefusal(error)) {
          throw error;
        }
        log.warn('the server does not take the report of a conflict', { ip, mac, reason: reasonOf(error) });
      }
      state.claimTold(claim);
    }
  }
}
