import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { type Access, type Credentials, findAccess } from './access.ts';

/** A call that has no answer by then has failed. */
const usualPatienceMs = 10_000;
/** A watch brings a bookmark about every minute: one that is silent for so long is dead. */
const silenceMs = 180_000;
/** The token of a pod is renewed in its file; it is read again after so long. */
const credentialsMs = 60_000;

/** What the API server says to a call; any status is an answer. */
export interface KubeAnswer {
  readonly status: number;
  readonly body: unknown;
  /** The API server's clock, in milliseconds since 1970. */
  readonly date: number;
}

/** A call as the API server sees it. */
export interface KubeCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  readonly path: string;
  readonly body?: object;
  /** How long the answer may take; 10 s if not said. */
  readonly patienceMs?: number;
  /** How a PATCH is merged; 'merge' by default. */
  readonly patch?: 'merge' | 'strategic-merge';
}

/** Plain calls to the API server: what comes is JSON as it is, so that a thousand pods cost no thousand models. */
export class ApiServer {
  readonly #access: Access;
  #present: { readonly credentials: Promise<Credentials>; readonly until: number } | null = null;

  private constructor(access: Access) {
    this.#access = access;
  }

  /** @throws Problem CLUSTER_UNKNOWN where there is no cluster */
  static async open(): Promise<ApiServer> {
    return new ApiServer(await findAccess(process.env));
  }

  /** @throws Error when no whole answer came in time */
  async call(call: KubeCall): Promise<KubeAnswer> {
    const message = await this.#send(call, AbortSignal.timeout(call.patienceMs ?? usualPatienceMs));
    let text = '';
    for await (const part of message.setEncoding('utf8')) {
      text += part;
    }
    const isJson = message.headers['content-type']?.includes('json') ?? false;
    return {
      status: message.statusCode ?? 0,
      body: isJson ? JSON.parse(text) : { message: text },
      date: Date.parse(message.headers.date ?? ''),
    };
  }

  /**
   * Hands on the JSON lines of a watch, once it is opened, until the API server ends it.
   *
   * @throws Error when it refuses (with its status as `status`), breaks off, falls silent, or `signal` ends it
   */
  async watch(
    path: string,
    signal: AbortSignal,
    line: (value: unknown) => void,
    opened: () => void = () => {},
  ): Promise<void> {
    const silence = new AbortController();
    const give = () => silence.abort(new Error(`the watch was silent for ${silenceMs} ms`));
    const timer = setTimeout(give, silenceMs);
    let message: IncomingMessage | null = null;
    try {
      message = await this.#send({ method: 'GET', path }, AbortSignal.any([signal, silence.signal]));
      if (message.statusCode !== 200) {
        throw Object.assign(new Error(`GET ${path}: ${message.statusCode}`), { status: message.statusCode });
      }
      opened();
      let rest = '';
      for await (const part of message.setEncoding('utf8')) {
        timer.refresh();
        const lines = `${rest}${part}`.split('\n');
        rest = lines.pop() ?? '';
        for (const each of lines) {
          line(JSON.parse(each));
        }
      }
    } finally {
      clearTimeout(timer);
      message?.destroy();
    }
  }

  async #send(
    { method, path, body, patch = 'merge' }: KubeCall,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    try {
      const { url } = this.#access;
      const { headers, agent } = await this.#credentialsNow();
      const type = method === 'PATCH' ? `application/${patch}-patch+json` : 'application/json';
      const call = (url.startsWith('https:') ? httpsRequest : httpRequest)(`${url}${path}`, {
        method,
        agent,
        signal,
        headers: {
          ...headers,
          accept: 'application/json',
          ...(body === undefined ? {} : { 'content-type': type }),
        },
      });
      const answered = once(call, 'response');
      call.end(body === undefined ? undefined : JSON.stringify(body));
      const [message] = (await answered) as [IncomingMessage];
      if (message.statusCode === 401) {
        this.#present = null;
      }
      return message;
    } catch (error) {
      // Certificates and tokens may have changed: the next call reads them anew.
      this.#present = null;
      throw error;
    }
  }

  #credentialsNow(): Promise<Credentials> {
    if (this.#present === null || Date.now() >= this.#present.until) {
      this.#present = { credentials: this.#access.credentials(), until: Date.now() + credentialsMs };
    }
    return this.#present.credentials;
  }
}
