import { Problem } from '../../../core/problem/problem.ts';
import type { HttpAnswer, HttpRequest, Send } from '../../http/http.ts';
import type { Agent } from './agent.ts';
import type { ServerCall } from './server-call.ts';
import { accept, refusalOf, strangeness, whySilent } from './verdict.ts';

export type Credentials = Pick<HttpRequest, 'token' | 'ca'>;

export interface ServersConfig {
  /** Asked before all of them, and alone as long as it answers. */
  readonly agent?: Agent | undefined;
  /** URLs, tried in this order. */
  readonly urls: readonly string[];
  /** Read from their files with the first call; what it throws rejects the call. */
  readonly credentials: () => Credentials;
  /** Sent with each call and told with each error, so that both ends' words are found by it. */
  readonly requestId: string;
  /** For all calls and all servers together, counted from the first call that goes to them. */
  readonly timeoutMs: number;
}

/**
 * The servers of one ledger: whichever answers first, and that one from then on. Every call can be repeated, so that
 * one which got no answer goes to the next. Once all were silent they are not asked again, because the runtime is waiting.
 */
export class Servers {
  readonly #config: ServersConfig;
  readonly #send: Send;
  readonly #now: () => number;
  #credentials: Credentials | undefined;
  #deadline: number | undefined;
  #away: Problem | undefined;
  /** In the order in which the next call tries them. */
  #urls: readonly string[];

  /** @param now milliseconds of any clock that only goes forward */
  constructor(config: ServersConfig, send: Send, now: () => number) {
    this.#config = config;
    this.#send = send;
    this.#now = now;
    this.#urls = config.urls;
  }

  /**
   * The body of the answer, with its status.
   *
   * @throws Problem IPAM_AWAY, and whatever the server's refusal means here
   */
  async call(call: ServerCall): Promise<HttpAnswer> {
    return (await this.#config.agent?.ask(call)) ?? (await this.#askServers(call));
  }

  async #askServers(call: ServerCall): Promise<HttpAnswer> {
    if (this.#away !== undefined) {
      throw this.#away;
    }
    this.#credentials ??= this.#config.credentials();
    const { agent, requestId } = this.#config;
    const reasons = agent === undefined ? [] : [`${agent.name}: ${agent.whyAway}`];
    let isSomebodyThere = false;
    const urls = this.#urls;
    for (const [index, url] of urls.entries()) {
      const outcome = await this.#try(url, call, this.#share(urls.length - index));
      const reason = typeof outcome === 'string' ? outcome : strangeness(outcome);
      if (typeof outcome !== 'string' && reason === undefined) {
        this.#urls = [url, ...urls.filter((other) => other !== url)];
        return accept(outcome, 'the IPAM server', requestId);
      }
      isSomebodyThere ||= typeof outcome !== 'string';
      reasons.push(`${url}: ${reason}`);
    }
    const code = isSomebodyThere ? 'IPAM_ANSWER_UNREADABLE' : 'IPAM_AWAY';
    this.#away = new Problem(code, `no IPAM server answered: ${reasons.join('; ')} [request ${requestId}]`);
    throw this.#away;
  }

  /** What is left of the time, divided among the servers that are left, so that one silent server is no failure. */
  #share(servers: number): number {
    const now = this.#now();
    this.#deadline ??= now + this.#config.timeoutMs;
    return Math.max(1, Math.floor((this.#deadline - now) / servers));
  }

  /** The answer, or why there was none. */
  async #try(url: string, call: ServerCall, timeoutMs: number): Promise<HttpAnswer | string> {
    const { path, method, body } = call;
    try {
      const id = this.#config.requestId;
      const content = body === undefined ? {} : { body };
      const request = { method, ...content, ...this.#credentials, id, url: `${url}${path}`, timeoutMs };
      const answer = await this.#send(request);
      return answer.status >= 500
        ? `HTTP ${answer.status} ${refusalOf(answer)?.detail ?? ''}`.trim()
        : answer;
    } catch (error) {
      return whySilent(error, timeoutMs);
    }
  }
}
