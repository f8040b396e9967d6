import { type IncomingMessage, request } from 'node:http';
import type { Server } from './process.ts';

/** An event as a watch sent it. */
export interface Message {
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test asserts on any member; the assertion is the check.
  readonly data: any;
}

/** A client that watches, as EventSource would. */
export class WatchClient {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly messages: Message[] = [];
  readonly comments: string[] = [];
  /** Resolves to whether the server ended it in order. */
  readonly ended: Promise<boolean>;
  readonly #message: IncomingMessage;
  #rest = '';
  #onChange: () => void = () => {};

  private constructor(message: IncomingMessage) {
    this.#message = message;
    this.status = message.statusCode ?? 0;
    this.headers = message.headers;
    message.setEncoding('utf8').on('data', (part: string) => this.#take(part));
    this.ended = new Promise((resolve) => {
      message.once('close', () => resolve(message.complete));
      message.once('error', () => resolve(false));
    });
  }

  /** @param server `socketPath`: of a unix socket that leads to it */
  static open(
    server: Pick<Server, 'url'> & { readonly socketPath?: string },
    query = '',
    headers: Record<string, string> = {},
  ): Promise<WatchClient> {
    const { url, socketPath } = server;
    const options = { headers, agent: false, ...(socketPath === undefined ? {} : { socketPath }) } as const;
    return new Promise((resolve, reject) => {
      const call = request(`${url}/v1/watch${query}`, options, (message) =>
        resolve(new WatchClient(message)),
      );
      call.on('error', reject);
      call.end();
    });
  }

  /** Waits until so many messages have come. */
  async received(count: number): Promise<readonly Message[]> {
    while (this.messages.length < count) {
      await new Promise<void>((resolve) => {
        this.#onChange = resolve;
      });
    }
    return this.messages;
  }

  /** Takes nothing more, as a client that hangs. */
  pause(): void {
    this.#message.pause();
  }

  close(): void {
    this.#message.destroy();
  }

  #take(part: string): void {
    const blocks = (this.#rest + part).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data === undefined) {
        this.comments.push(block);
      } else {
        this.messages.push({ id: /^id: (\d+)$/m.exec(block)?.[1] ?? '', data: JSON.parse(data) });
      }
    }
    this.#onChange();
  }
}
