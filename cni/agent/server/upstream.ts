import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import type { HttpAnswer, HttpRequest, Send } from '../../http/http.ts';
import type { Credentials } from './credential-files.ts';
import { isOfNoUse, type Refusal, refusalOf } from './refusal.ts';

/** A call, whichever server takes it. */
export interface UpstreamCall extends Pick<HttpRequest, 'method' | 'body' | 'id'> {
  readonly path: string;
  /**
   * Milliseconds for a server that is there and thinks; one that isn't is found out sooner. Where there are several,
   * at least as long as another takes to lead.
   */
  readonly timeoutMs: number;
}

export interface UpstreamParts {
  /** URLs without a slash at the end, in the order of preference. */
  readonly urls: readonly string[];
  readonly credentials: () => Credentials;
  readonly send: Send;
  /** Rejects when the signal is aborted. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** From 0 to 1. */
  readonly random: () => number;
  /** Told at each change, and each reason why it is away. */
  readonly onChange: (isUp: boolean, why: string) => void;
}

/** Milliseconds. */
const patience = {
  /** Then a silent server is asked whether it is there at all, */
  untilPing: 300,
  /** and has so long to answer that. */
  ping: 400,
  /** What one of several servers has at least: it may hold a call until it leads in place of a dead one (some 5 s). */
  takeOver: 7_000,
  /** A ping of one that was away. */
  return: 1_000,
  /** Between two such pings, at first and at most; a half more by chance, so that nodes don't ask in step. */
  pause: { first: 250, most: 2_000 },
} as const;

/**
 * The servers of one ledger. The first one that answers is asked until it is silent; one that is silent is not asked
 * any more, until a ping in the background finds it back. So a black hole costs one call less than a second, and none
 * after it.
 */
export class Upstream {
  readonly #parts: UpstreamParts;
  readonly #away = new Map<string, string>();
  readonly #closing = new AbortController();

  constructor(parts: UpstreamParts) {
    this.#parts = parts;
  }

  /** As far as is known; before the first call it is thought to be there. */
  get isUp(): boolean {
    return this.#parts.urls.some((url) => !this.#away.has(url));
  }

  /** Why each server is away that is. */
  get whyAway(): string {
    return [...this.#away].map(([url, why]) => `${url}: ${why}`).join('; ');
  }

  /**
   * @throws Refusal, the server's own; Problem AGENT_SERVER_AWAY at once while all are known to be away
   */
  async call(call: UpstreamCall): Promise<HttpAnswer> {
    const { urls } = this.#parts;
    for (const url of urls.filter((each) => !this.#away.has(each))) {
      const outcome = await this.#ask(url, call);
      const refusal = typeof outcome === 'string' ? undefined : refusalIn(outcome);
      if (typeof outcome !== 'string' && refusal === undefined && !isStrange(outcome)) {
        return outcome;
      }
      if (refusal !== undefined && !isOfNoUse(refusal)) {
        throw refusal;
      }
      const why = typeof outcome === 'string' ? outcome : (refusal?.message ?? `HTTP ${outcome.status}`);
      this.#lose(url, why);
    }
    throw new Problem('AGENT_SERVER_AWAY', `no IPAM server answers: ${this.whyAway}`);
  }

  /** Ends the pings. */
  close(): void {
    this.#closing.abort();
  }

  /** The answer, or why there is none. */
  async #ask(url: string, { path, ...call }: UpstreamCall): Promise<HttpAnswer | string> {
    const given = new AbortController();
    const isOneOfSeveral = this.#parts.urls.length > 1;
    const timeoutMs = isOneOfSeveral ? Math.max(call.timeoutMs, patience.takeOver) : call.timeoutMs;
    const request = {
      ...{ ...call, timeoutMs, ...this.#parts.credentials() },
      ...{ url: `${url}${path}`, signal: given.signal },
    };
    const answered = this.#parts
      .send(request)
      .catch((error: unknown) => whySilent(error, timeoutMs))
      .finally(() => given.abort());
    const outcome = await Promise.race([answered, this.#notThere(url, given.signal)]);
    if (typeof outcome === 'string') {
      given.abort();
    }
    return outcome;
  }

  /** Keeps its promise when a server that is silent does not answer a ping either; otherwise never. */
  async #notThere(url: string, given: AbortSignal): Promise<string> {
    try {
      await this.#parts.sleep(patience.untilPing, given);
      const why = await this.#ping(url, patience.ping);
      if (why !== undefined && !given.aborted) {
        return why;
      }
    } catch {
      // It has answered meanwhile.
    }
    return new Promise(() => undefined);
  }

  /** Why a server is of no use; undefined when it is. */
  async #ping(url: string, timeoutMs: number): Promise<string | undefined> {
    try {
      const { ca } = this.#parts.credentials();
      const request = { method: 'GET', url: `${url}/readyz`, timeoutMs } as const;
      const answer = await this.#parts.send(ca === undefined ? request : { ...request, ca });
      return answer.status === 200
        ? undefined
        : (refusalOf(answer)?.message ?? `HTTP ${answer.status} of something in between`);
    } catch (error) {
      return whySilent(error, timeoutMs);
    }
  }

  #lose(url: string, why: string): void {
    const wasUp = this.isUp;
    const isKnown = this.#away.has(url);
    this.#away.set(url, why);
    if (wasUp && !this.isUp) {
      this.#parts.onChange(false, this.whyAway);
    }
    if (!isKnown) {
      void this.#awaitReturn(url);
    }
  }

  async #awaitReturn(url: string): Promise<void> {
    const { first, most } = patience.pause;
    for (let pause: number = first; !this.#closing.signal.aborted; pause = Math.min(most, pause * 2)) {
      try {
        await this.#parts.sleep(pause * (1 + this.#parts.random() / 2), this.#closing.signal);
      } catch {
        return;
      }
      const why = await this.#ping(url, patience.return);
      if (why === undefined) {
        const wasUp = this.isUp;
        this.#away.delete(url);
        if (!wasUp) {
          this.#parts.onChange(true, url);
        }
        return;
      }
      this.#away.set(url, why);
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

function refusalIn(answer: HttpAnswer): Refusal | undefined {
  return answer.status < 300 ? undefined : refusalOf(answer);
}

/** An answer that is none of an IPAM server, but of a proxy, a load balancer or a stranger. */
function isStrange({ status, body }: HttpAnswer): boolean {
  return status >= 300 || (status !== 204 && !body.trimStart().startsWith('{'));
}
