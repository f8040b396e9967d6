import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to one member that can be cut, for those parts of a server that run in the test itself. */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(host: string, port: number) {
    this.#server = createServer((client) => {
      if (this.#isCut) {
        client.destroy();
        return;
      }
      const far = connect(port, host);
      client.pipe(far).pipe(client);
      for (const [each, other] of [
        [client, far],
        [far, client],
      ] as const) {
        this.#sockets.add(each);
        each.on('error', () => other.destroy());
        each.on('close', () => {
          this.#sockets.delete(each);
          other.destroy();
        });
      }
    });
  }

  /** @param url of the member */
  static async start(url: string): Promise<Relay> {
    const { hostname, port } = new URL(url);
    const relay = new Relay(hostname, Number(port));
    relay.#server.listen(0, '127.0.0.1');
    await once(relay.#server, 'listening');
    return relay;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  restore(): void {
    this.#isCut = false;
  }

  async stop(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
