import { once } from 'node:events';
import { type Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { findCluster } from '../../service/cluster.ts';

/** A call that has no answer by then has failed: an ADD waits for it. */
const patienceMs = 2_000;
/** After a failure calls fail at once for so long, so that not each of them waits its whole patience. */
const restMs = 1_000;
/** The token of a pod is renewed in its file; it is read again after so long. */
const credentialsMs = 60_000;
const connections = 64;

interface Answer {
  readonly status: number;
  readonly text: string;
}

interface Call {
  readonly method: string;
  readonly path: string;
  readonly body?: string;
  readonly type?: string;
}

/** Gives the headers and the connections that a call to the cluster needs. */
type Credentials = () => Promise<{ headers: Record<string, string>; agent: HttpAgent | undefined }>;

/** The cluster's API server, asked over a few connections that stay open; each call ends in time. */
export class ApiServer {
  readonly #url: string;
  readonly #credentials: Credentials;
  readonly #patienceMs: number;
  #present: { readonly credentials: ReturnType<Credentials>; readonly until: number } | null = null;
  #agent: HttpAgent | undefined;
  #restUntil = 0;
  #why = '';

  private constructor(url: string, credentials: Credentials, patience: number) {
    this.#url = url;
    this.#credentials = credentials;
    this.#patienceMs = patience;
  }

  /**
   * @param patience milliseconds after which a call has failed
   * @throws Problem CLUSTER_UNKNOWN where there is no cluster
   */
  static async open(patience = patienceMs): Promise<ApiServer> {
    const { config, url } = await findCluster();
    const { HttpMethod, RequestContext } = await import('@kubernetes/client-node');
    const credentials = async () => {
      const context = new RequestContext(url, HttpMethod.GET);
      await config.applySecurityAuthentication(context);
      return { headers: context.getHeaders(), agent: context.getAgent() };
    };
    return new ApiServer(url, credentials, patience);
  }

  /** An object, null where there is none; @throws Problem KUBE_UNAVAILABLE */
  async get<Body>(path: string): Promise<Body | null> {
    const { status, text } = await this.#ask({ method: 'GET', path });
    return status === 404 ? null : (JSON.parse(text) as Body);
  }

  /** Makes an object and gives what became of it; @throws Problem KUBE_UNAVAILABLE */
  async post<Body>(path: string, body: Body): Promise<Body> {
    const { status, text } = await this.#ask({ method: 'POST', path, body: JSON.stringify(body) });
    if (status === 404) {
      throw unavailable(`POST ${path}: 404`);
    }
    return JSON.parse(text) as Body;
  }

  /**
   * Merges into an object and gives what became of it; null where there is none, or where it is no more of the
   * `resourceVersion` that the patch names.
   *
   * @throws Problem KUBE_UNAVAILABLE
   */
  async merge<Body>(path: string, patch: object): Promise<Body | null> {
    const type = 'application/merge-patch+json';
    const call = { method: 'PATCH', path, body: JSON.stringify(patch), type };
    const { status, text } = await this.#ask(call, [404, 409]);
    return status >= 300 ? null : (JSON.parse(text) as Body);
  }

  /**
   * The lines of an answer as they come; it ends with the answer.
   *
   * @param begun told once the answer has begun
   * @throws Problem KUBE_UNAVAILABLE
   */
  async *lines(path: string, signal: AbortSignal, begun: () => void): AsyncIterable<string> {
    try {
      const message = await this.#answer({ method: 'GET', path }, signal);
      if (message.statusCode !== 200) {
        throw new Error(`${message.statusCode} ${messageOf(await textOf(message))}`);
      }
      begun();
      let rest = '';
      for await (const part of message.setEncoding('utf8')) {
        const lines = `${rest}${part}`.split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
      }
    } catch (error) {
      this.#forget();
      throw unavailable(`GET ${path}: ${reasonOf(error)}`, error);
    }
  }

  async #ask(call: Call, expected: readonly number[] = [404]): Promise<Answer> {
    const { method, path } = call;
    if (Date.now() < this.#restUntil) {
      throw unavailable(this.#why);
    }
    let answer: Answer;
    try {
      answer = await this.#send(call);
    } catch (error) {
      this.#forget();
      this.#why = `${method} ${path}: ${reasonOf(error)}`;
      this.#restUntil = Date.now() + restMs;
      throw unavailable(this.#why, error);
    }
    if (answer.status >= 300 && !expected.includes(answer.status)) {
      if (answer.status === 401) {
        this.#forget();
      }
      throw unavailable(`${method} ${path}: ${answer.status} ${messageOf(answer.text)}`);
    }
    return answer;
  }

  async #send(call: Call): Promise<Answer> {
    const message = await this.#answer(call, AbortSignal.timeout(this.#patienceMs));
    return { status: message.statusCode ?? 0, text: await textOf(message) };
  }

  async #answer(asked: Call, signal: AbortSignal): Promise<IncomingMessage> {
    const { method, path, body, type = 'application/json' } = asked;
    const { headers, agent } = await this.#credentialsNow();
    this.#agent ??= keptOpen(agent);
    const options = {
      method,
      agent: this.#agent,
      signal,
      headers: {
        ...headers,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': type }),
      },
    };
    const call = (this.#url.startsWith('https:') ? httpsRequest : httpRequest)(
      `${this.#url}${path}`,
      options,
    );
    const answered = once(call, 'response');
    call.end(body);
    try {
      const [message] = await answered;
      return message;
    } catch (error) {
      // The API server may close a connection in the moment in which it is used again.
      if (call.reusedSocket && error instanceof Error && 'code' in error && error.code === 'ECONNRESET') {
        return this.#answer(asked, signal);
      }
      throw error;
    }
  }

  #credentialsNow(): ReturnType<Credentials> {
    if (this.#present === null || Date.now() >= this.#present.until) {
      this.#present = { credentials: this.#credentials(), until: Date.now() + credentialsMs };
    }
    return this.#present.credentials;
  }

  /** Certificates and tokens may have changed: the next call reads them anew. */
  #forget(): void {
    this.#present = null;
    this.#agent = undefined;
  }
}

/** The client makes an agent for one call; a proxy's agent is left as it is. */
function keptOpen(agent: HttpAgent | undefined): HttpAgent | undefined {
  if (agent instanceof HttpsAgent && agent.constructor === HttpsAgent) {
    return new HttpsAgent({ ...agent.options, keepAlive: true, maxSockets: connections });
  }
  return agent;
}

async function textOf(message: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of message.setEncoding('utf8')) {
    text += part;
  }
  return text;
}

function unavailable(detail: string, cause?: unknown): Problem {
  return new Problem('KUBE_UNAVAILABLE', detail, {}, cause);
}

/** What the API server's Status says. */
function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return String(message);
  } catch {
    return text.slice(0, 200);
  }
}
