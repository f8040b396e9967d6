import { Agent, type AgentOptions, request } from 'node:https';

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

  call(method: string, path: string, json?: unknown): Promise<{ status: number; body: Body }> {
    const payload = json === undefined ? undefined : JSON.stringify(json);
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const headers = {
      ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
      // Node gives a DELETE's body no length by itself.
      ...(payload === undefined
        ? {}
        : { 'content-type': type, 'content-length': Buffer.byteLength(payload) }),
    };
    return new Promise((resolve, reject) => {
      const call = request(`${this.url}${path}`, { method, agent: this.#agent, headers }, async (message) => {
        let text = '';
        for await (const part of message.setEncoding('utf8')) {
          text += part;
        }
        const isJson = /json/.test(message.headers['content-type'] ?? '') && text !== '';
        resolve({ status: message.statusCode ?? 0, body: isJson ? JSON.parse(text) : text });
      });
      call.on('error', reject);
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

  /** Ends its connections. */
  close(): void {
    this.#agent.destroy();
  }
}
