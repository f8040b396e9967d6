import { Problem } from '../../../core/problem/problem.ts';
import type { HttpAnswer, HttpRequest, Send } from '../../http/http.ts';
import type { NetnsPlace } from '../../node/node.ts';
import type { ServerCall } from './server-call.ts';
import { accept, refusalOf, strangeness, whySilent } from './verdict.ts';

export interface AgentConfig {
  /** Path of its Unix socket. */
  readonly socket: string;
  /** How long a call may take, beside what the agent itself waits for. */
  readonly timeoutMs: number;
  /** How long an ADD waits for an address that is just being probed. */
  readonly reserveWaitMs: number;
  readonly requestId: string;
}

/** How it is spoken to. */
export interface AgentLine {
  readonly send: Send;
  /** Connects; reports whether somebody listens. */
  readonly approach: (target: Pick<HttpRequest, 'url' | 'socket'>) => boolean;
}

/** The host of its URLs: HTTP wants one, and by a socket it means nothing. */
const url = 'http://agent';
/** What a call that waits for addresses may take longer than the agent says that it waits. */
const spareMs = 1_000;

/**
 * The node's agent, which speaks the server's own API on its socket. What it says is final. Only when it can't be
 * reached, or hangs, it is passed over, from then on.
 */
export class Agent {
  readonly name: string;
  readonly #config: AgentConfig;
  readonly #send: Send;
  #whyAway: string | undefined;
  #isThere: boolean;

  constructor(config: AgentConfig, { send, approach }: AgentLine) {
    this.name = `unix:${config.socket}`;
    this.#config = config;
    this.#send = send;
    this.#isThere = approach({ url, socket: config.socket });
  }

  /** Whether it listens, as far as is known by now. */
  get isThere(): boolean {
    return this.#isThere;
  }

  /** Why it was passed over; empty before that. */
  get whyAway(): string {
    return this.#whyAway ?? '';
  }

  /**
   * @returns undefined when it is passed over
   * @throws Problem what its refusal means; IPAM_AWAY when it lives, and has no answer in time
   */
  async ask(call: ServerCall): Promise<HttpAnswer | undefined> {
    const answer = await this.#try(call);
    return answer && accept(answer, 'the node’s agent', this.#config.requestId);
  }

  /**
   * Lets the agent take a pod's interface away, so that nobody here waits for the kernel's clearing up.
   *
   * @returns why it did not; undefined when the interface is gone
   */
  async detach({ path: netns, inode }: NetnsPlace, ifname: string): Promise<string | undefined> {
    const body = JSON.stringify({ netns, inode, ifname });
    const answer = await this.#try({ method: 'POST', path: '/v1/agent/detach', body });
    if (answer?.status === 204) {
      return undefined;
    }
    return answer === undefined ? this.whyAway : (refusalOf(answer)?.detail ?? `HTTP ${answer.status}`);
  }

  async #try(call: ServerCall): Promise<HttpAnswer | undefined> {
    if (this.#whyAway !== undefined) {
      return undefined;
    }
    const request = this.#requestOf(call);
    try {
      const answer = await this.#send(request);
      const reason = strangeness(answer) ?? whyLeaving(answer);
      return reason === undefined ? answer : this.#passOver(reason);
    } catch (error) {
      const reason = whySilent(error, request.timeoutMs);
      if (error instanceof Error && error.name === 'TimeoutError') {
        const words = `the node’s agent (${this.name}) lives, and was ${reason}`;
        throw new Problem('IPAM_AWAY', `${words} [request ${this.#config.requestId}]`);
      }
      return this.#passOver(reason);
    }
  }

  #requestOf({ method, path, body, forAgent }: ServerCall): HttpRequest {
    const { socket, timeoutMs, reserveWaitMs, requestId: id } = this.#config;
    const content = forAgent?.body ?? body;
    const wait = forAgent?.isPatient ? reserveWaitMs : undefined;
    return {
      method,
      socket,
      url: `${url}${path}`,
      id,
      timeoutMs: (wait ?? timeoutMs) + spareMs,
      ...(content === undefined ? {} : { body: content }),
      ...(wait === undefined ? {} : { waitSeconds: Math.ceil(wait / 1000) }),
    };
  }

  #passOver(reason: string): undefined {
    this.#isThere = false;
    this.#whyAway = reason;
    return undefined;
  }
}

/** One that is just stopping decides nothing any more, and says so. */
function whyLeaving(answer: HttpAnswer): string | undefined {
  const refusal = answer.status === 503 ? refusalOf(answer) : undefined;
  return refusal?.code === 'SHUTTING_DOWN' ? refusal.detail : undefined;
}
