import type { IncomingMessage } from 'node:http';
import { Agent, type AgentOptions, request } from 'node:https';
import { createInterface } from 'node:readline';

// biome-ignore lint/suspicious/noExplicitAny: a test asserts on any member; the assertion is the check.
type Body = any;

/** An HTTPS server that speaks JSON, as one who is known to it calls it. */
export class JsonApi {
  readonly url: string;
  readonly #agent: Agent;
  readonly #token: string | undefined;

  /**
   * @param options the server's authority, the caller's certificate; a `socketPath` leads to a server whose address
   *   can't be seen from here
   * @param token a bearer token
   */
  constructor(url: string, options: AgentOptions & { readonly socketPath?: string }, token?: string) {
    this.url = url;
    this.#agent = new Agent({ keepAlive: true, ...options });
    this.#token = token;
  }

  /** Calls the server; once more where a connection kept from earlier turns out to have ended meanwhile. */
  call(method: string, path: string, json?: unknown): Promise<{ status: number; body: Body }> {
    const payload = json === undefined ? undefined : JSON.stringify(json);
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers = {
      ...this.#authority,
      // Node gives a DELETE's body no length by itself.
      ...(payload === undefined
        ? {}
        : { 'content-type': type, 'content-length': Buffer.byteLength(payload) }),
    };
    return new Promise((resolve, reject) => {
      const call = request(`${this.url}${path}`, { method, agent: this.#agent, headers }, (message) => {
        // One that is killed in the midst of its answer fails the call, too.
        bodyOf(message).then((body) => resolve({ status: message.statusCode ?? 0, body }), reject);
      });
      call.on('error', (error: NodeJS.ErrnoException) => {
        const isStale = call.reusedSocket && ['ECONNRESET', 'EPIPE'].includes(error.code ?? '');
        if (isStale) {
          resolve(this.call(method, path, json));
        } else {
          reject(error);
        }
      });
      call.end(payload);
    });
  }

  /** A call that must succeed; its answer's body. */
  async must(method: string, path: string, json?: unknown): Promise<Body> {
    const { status, body } = await this.call(method, path, json);
    if (status >= 300) {
      throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    }
    return body;
  }

  /**
   * Follows an answer that doesn't end by itself, such as a watch: `onLine` is called with each line as it comes.
   *
   * @returns what ends it; @throws Error when the server refuses
   */
  follow(path: string, onLine: (line: string) => void): Promise<() => void> {
    return new Promise((resolve, reject) => {
      const call = request(
        `${this.url}${path}`,
        { agent: this.#agent, headers: this.#authority },
        (message) => {
          // That it ends early is an error to Node, which its reader tells once more.
          const ignore = () => {};
          message.on('error', ignore);
          if (message.statusCode === 200) {
            createInterface(message).on('line', onLine).on('error', ignore);
            resolve(() => message.destroy());
          } else {
            message.destroy();
            reject(new Error(`GET ${path}: ${message.statusCode}`));
          }
        },
      );
      call.on('error', reject);
      call.end();
    });
  }

  get #authority(): Record<string, string> {
    return this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
  }

  /** Ends its connections. */
  close(): void {
    this.#agent.destroy();
  }
}

async function bodyOf(message: IncomingMessage): Promise<Body> {
  let text = '';
  for await (const part of message.setEncoding('utf8')) {
    text += part;
  }
  const isJson = /json/.test(message.headers['content-type'] ?? '') && text !== '';
  return isJson ? JSON.parse(text) : text;
}
