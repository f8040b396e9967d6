import { once } from 'node:events';
import { type Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { KubeConfig } from '@kubernetes/client-node';
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

/** Gives the headers and the connections that a call to the cluster needs. */
type Credentials = () => Promise<{ headers: Record<string, string>; agent: HttpAgent | undefined }>;

/** The cluster's API server, asked over a few connections that stay open; each call ends in time. */
export class ApiServer {
  readonly #url: string;
  readonly #credentials: Credentials;
  #present: { readonly credentials: ReturnType<Credentials>; readonly until: number } | null = null;
  #agent: HttpAgent | undefined;
  #restUntil = 0;
  #why = '';

  private constructor(url: string, credentials: Credentials) {
    this.#url = url;
    this.#credentials = credentials;
  }

  /** @throws Problem FLAG_INVALID where there is no cluster */
  static async open(): Promise<ApiServer> {
    const config: KubeConfig = await findCluster();
    const { HttpMethod, RequestContext } = await import('@kubernetes/client-node');
    const url = config.getCurrentCluster()?.server;
    if (url === undefined) {
      throw new Problem('FLAG_INVALID', '--kube finds no cluster: the kubeconfig has no current context');
    }
    return new ApiServer(url.replace(/\/+$/, ''), async () => {
      const context = new RequestContext(url, HttpMethod.GET);
      await config.applySecurityAuthentication(context);
      return { headers: context.getHeaders(), agent: context.getAgent() };
    });
  }

  /** An object, null where there is none; @throws Problem KUBE_UNAVAILABLE */
  async get<Body>(path: string): Promise<Body | null> {
    const { status, text } = await this.#ask('GET', path);
    return status === 404 ? null : (JSON.parse(text) as Body);
  }

  /** Makes an object and gives what became of it; @throws Problem KUBE_UNAVAILABLE */
  async post<Body>(path: string, body: Body): Promise<Body> {
    const { status, text } = await this.#ask('POST', path, JSON.stringify(body));
    if (status === 404) {
      throw unavailable(`POST ${path}: 404`);
    }
    return JSON.parse(text) as Body;
  }

  async #ask(method: string, path: string, body?: string): Promise<Answer> {
    if (Date.now() < this.#restUntil) {
      throw unavailable(this.#why);
    }
    let answer: Answer;
    try {
      answer = await this.#send(method, path, body);
    } catch (error) {
      this.#forget();
      this.#why = `${method} ${path}: ${reasonOf(error)}`;
      this.#restUntil = Date.now() + restMs;
      throw unavailable(this.#why, error);
    }
    if (answer.status >= 300 && answer.status !== 404) {
      if (answer.status === 401) {
        this.#forget();
      }
      throw unavailable(`${method} ${path}: ${answer.status} ${messageOf(answer.text)}`);
    }
    return answer;
  }

  async #send(method: string, path: string, body: string | undefined): Promise<Answer> {
    const { headers, agent } = await this.#credentialsNow();
    this.#agent ??= keptOpen(agent);
    const options = {
      method,
      agent: this.#agent,
      signal: AbortSignal.timeout(patienceMs),
      headers: {
        ...headers,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
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
      let text = '';
      for await (const part of message.setEncoding('utf8')) {
        text += part;
      }
      return { status: message.statusCode ?? 0, text };
    } catch (error) {
      // The API server may close a connection in the moment in which it is used again.
      if (call.reusedSocket && error instanceof Error && 'code' in error && error.code === 'ECONNRESET') {
        return this.#send(method, path, body);
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
