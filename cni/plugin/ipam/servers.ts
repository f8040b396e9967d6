import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import type { HttpAnswer, HttpRequest, Send } from '../../http/http.ts';

export type Credentials = Pick<HttpRequest, 'token' | 'ca'>;

export interface ServersConfig {
  /** URLs, tried in this order. */
  readonly urls: readonly string[];
  /** Read from their files with the first call; what it throws rejects the call. */
  readonly credentials: () => Credentials;
  /** Sent with each call and told with each error, so that both ends' words are found by it. */
  readonly requestId: string;
  /** For all calls and all servers together, counted from the first call. */
  readonly timeoutMs: number;
}

/** A call without what is the same for all of them. */
export type ServerCall = Pick<HttpRequest, 'method' | 'body'> & { readonly path: string };

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
    if (this.#away !== undefined) {
      throw this.#away;
    }
    this.#credentials ??= this.#config.credentials();
    const reasons: string[] = [];
    let isSomebodyThere = false;
    const urls = this.#urls;
    for (const [index, url] of urls.entries()) {
      const outcome = await this.#try(url, call, this.#share(urls.length - index));
      const reason = typeof outcome === 'string' ? outcome : strangeness(outcome);
      if (typeof outcome !== 'string' && reason === undefined) {
        this.#urls = [url, ...urls.filter((other) => other !== url)];
        return accept(outcome, this.#config.requestId);
      }
      isSomebodyThere ||= typeof outcome !== 'string';
      reasons.push(`${url}: ${reason}`);
    }
    const code = isSomebodyThere ? 'IPAM_ANSWER_UNREADABLE' : 'IPAM_AWAY';
    this.#away = new Problem(
      code,
      `no IPAM server answered: ${reasons.join('; ')} [request ${this.#config.requestId}]`,
    );
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
    const { path, ...rest } = call;
    try {
      const id = this.#config.requestId;
      const request = { ...rest, ...this.#credentials, id, url: `${url}${path}`, timeoutMs };
      const answer = await this.#send(request);
      return answer.status >= 500
        ? `HTTP ${answer.status} ${refusalOf(answer)?.detail ?? ''}`.trim()
        : answer;
    } catch (error) {
      return whySilent(error, timeoutMs);
    }
  }
}

/** Codes such as ECONNREFUSED say it better than the sentences that come with them. */
function whySilent(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) {
    return reasonOf(error);
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  return error.name === 'TimeoutError' ? `silent for ${timeoutMs} ms` : code;
}

/** RFC 9457 problem of an answer, if it is one. */
function refusalOf(answer: HttpAnswer): { detail: string; code: string } | undefined {
  try {
    const { detail, code }: { detail?: unknown; code?: unknown } = JSON.parse(answer.body);
    return typeof detail === 'string' && typeof code === 'string' ? { detail, code } : undefined;
  } catch {
    return undefined;
  }
}

/** Why an answer is none of an IPAM server, but of a proxy, a load balancer or a stranger; undefined when it is one. */
function strangeness(answer: HttpAnswer): string | undefined {
  const { status, body } = answer;
  if (status >= 300) {
    return refusalOf(answer) ? undefined : `HTTP ${status} without a problem of an IPAM server`;
  }
  const isReadable = status === 204 || body.trimStart().startsWith('{');
  return isReadable ? undefined : `HTTP ${status} with a body that is no JSON object`;
}

/** What passes by itself: none is free, or the pod's own address is not free yet. The runtime tries again. */
const notYet = [
  ...['RANGE_EXHAUSTED', 'RESERVATION_HELD', 'RESERVATION_EXHAUSTED'],
  ...['ADDRESS_WARM', 'ADDRESS_COOLING', 'ADDRESS_QUARANTINED'],
];

function accept(answer: HttpAnswer, requestId: string): HttpAnswer {
  const refusal = answer.status < 300 ? undefined : refusalOf(answer);
  if (refusal === undefined) {
    return answer;
  }
  const words = `the IPAM server says: ${refusal.detail} (${refusal.code}) [request ${requestId}]`;
  if (notYet.includes(refusal.code)) {
    throw new Problem('IPAM_NONE_FREE', words);
  }
  throw new Problem(
    answer.status === 401 || answer.status === 403 ? 'IPAM_UNAUTHORIZED' : 'IPAM_REFUSED',
    words,
  );
}
