import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { Agent, buildConnector, type Dispatcher, request } from 'undici';
import { reasonOf } from '../../../core/problem/problem.ts';
import type { Leader } from '../../seat/elected.ts';
import { endToEnd } from './headers.ts';

/** A call as it is handed on. */
export interface Handed {
  readonly method: Dispatcher.HttpMethod;
  /** Path and query. */
  readonly path: string;
  readonly headers: Record<string, string | string[]>;
  readonly body: Buffer | null;
  /** What shares connections with it: so neither slow readers nor watches hold up nodes' changes. */
  readonly kind: 'change' | 'read' | 'watch';
  /** Whether its answer may begin late, as that of a backup does, which is made first. */
  readonly isLong: boolean;
}

/** A leader's answer. */
export interface LeaderAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  readonly body: Readable | Buffer;
}

/** What became of it: the leader's answer, or why there is none. */
export type Forwarded =
  | { readonly answer: LeaderAnswer }
  | {
      readonly why: string;
      /** Whether the leader may have done what it was asked all the same. */
      readonly isOpen: boolean;
    };

/** Milliseconds to connect. */
const connectLimit = 1_500;

/** Milliseconds without a sign of life in an answer; a watch shows one every 15 s. */
const silence = 45_000;

/** Connections to the leader for each kind of calls; what is more waits for one. */
const connections = 512;

/** By which a server says that it hasn't decided the call, or can't say that it has. */
const refusals: ReadonlyMap<string, { readonly isOpen: boolean }> = new Map([
  ['SHUTTING_DOWN', { isOpen: false }],
  ['NOT_LEADING', { isOpen: true }],
]);

/** What fails before anything of a call is sent. */
const unsent: ReadonlySet<unknown> = new Set([
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT',
  'REALIP_CERTIFICATE',
]);

const kinds = ['change', 'read', 'watch'] as const;

/** Connections to one server. */
type Agents = { readonly of: string } & Readonly<Record<(typeof kinds)[number], Agent>>;

/** Calls to whichever server leads. */
export class LeaderClient {
  #agents: Agents | null = null;

  /**
   * Hands a call to a leader; never throws.
   *
   * @param limit milliseconds until it must begin to answer, unless the call is a long one
   */
  async ask(
    leader: Leader,
    { method, path, headers, body, kind, isLong }: Handed,
    limit: number,
  ): Promise<Forwarded> {
    const end = new AbortController();
    const gone = () => end.abort(leader.gone.reason);
    leader.gone.addEventListener('abort', gone);
    // Also while the call waits for a connection.
    const late = setTimeout(() => end.abort(new Error('it did not answer in time')), limit);
    if (isLong) {
      clearTimeout(late);
    }
    try {
      const {
        statusCode,
        headers: told,
        body: said,
      } = await request(`${leader.url.replace(/\/$/, '')}${path}`, {
        method,
        headers,
        body,
        signal: end.signal,
        dispatcher: this.#agentsFor(leader)[kind],
      });
      said.once('close', () => leader.gone.removeEventListener('abort', gone));
      const answer = { status: statusCode, headers: endToEnd(told), body: said };
      return statusCode === 503 ? await refusalOf(answer) : { answer };
    } catch (error) {
      leader.gone.removeEventListener('abort', gone);
      const { code } = error as { code?: unknown };
      return { why: `${leader.url}: ${reasonOf(error)}`, isOpen: !unsent.has(code) };
    } finally {
      clearTimeout(late);
    }
  }

  async close(): Promise<void> {
    await Promise.all(kinds.map((kind) => this.#agents?.[kind].destroy()));
  }

  #agentsFor({ url, fingerprint }: Leader): Agents {
    const of = `${url} ${fingerprint}`;
    if (this.#agents?.of !== of) {
      for (const kind of kinds) {
        // What is under way ends in its own time, or with its leader.
        this.#agents?.[kind].close().catch(() => {});
      }
      const make = () => agentFor(fingerprint);
      this.#agents = { of, change: make(), read: make(), watch: make() };
    }
    return this.#agents;
  }
}

/** A leader that refuses a call because it leads no more has said nothing for its caller. */
async function refusalOf(answer: LeaderAnswer & { readonly body: Readable }): Promise<Forwarded> {
  const body = Buffer.concat(await answer.body.toArray());
  const refusal = refusals.get(codeIn(body));
  return refusal === undefined
    ? { answer: { ...answer, body } }
    : { why: 'the server that led is going away', ...refusal };
}

/** The code of a problem; empty for any other text. */
function codeIn(body: Buffer): string {
  try {
    return String(JSON.parse(body.toString()).code);
  } catch {
    return '';
  }
}

function agentFor(fingerprint: string | null): Agent {
  return new Agent({
    connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: silence,
    connect: fingerprint === null ? { timeout: connectLimit } : pinned(fingerprint),
  });
}

/**
 * Connects to the server whose certificate is the one that the leader has named in etcd: so it needs neither a name
 * that fits nor an authority that this machine knows.
 */
function pinned(fingerprint: string): buildConnector.connector {
  const connect = buildConnector({
    timeout: connectLimit,
    rejectUnauthorized: false,
    // A resumed session shows no certificate.
    maxCachedSessions: 0,
  });
  return (options, callback) => {
    connect(options, (...[error, socket]) => {
      if (error !== null) {
        callback(error, null);
      } else if (socket instanceof TLSSocket && socket.getPeerCertificate().fingerprint256 === fingerprint) {
        callback(null, socket);
      } else {
        socket.destroy();
        const stranger = new Error('its certificate is not the one that the leader has named');
        callback(Object.assign(stranger, { code: 'REALIP_CERTIFICATE' }), null);
      }
    });
  };
}
