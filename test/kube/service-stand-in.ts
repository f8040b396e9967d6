import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { call } from '../webhook/call.ts';

/** So often the ends are asked whether they are ready, as kubelets ask. */
const everyMs = 200;

/**
 * What a Service is to the API server: one address, new connections to ends that are ready. It passes on octets, so
 * that TLS is between the API server and the webhook.
 */
export class ServiceStandIn {
  readonly #ends = new Map<number, boolean>();
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((socket) => this.#connect(socket));
  readonly #timer = setInterval(() => void this.#probe(), everyMs);

  async listen(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  add(port: number): void {
    this.#ends.set(port, false);
  }

  /** Sends no more connections there; open ones live on. */
  remove(port: number): void {
    this.#ends.delete(port);
  }

  /** Cuts all open connections, so that the next calls make new ones. */
  cut(): void {
    for (const socket of this.#sockets) {
      socket.destroy();
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.cut();
    this.#server.close();
  }

  async #probe(): Promise<void> {
    for (const port of this.#ends.keys()) {
      const { status } = await readiness(port).catch(() => ({ status: 0 }));
      if (this.#ends.has(port)) {
        this.#ends.set(port, status === 200);
      }
    }
  }

  #connect(socket: Socket): void {
    const ready = [...this.#ends].filter(([, isReady]) => isReady).map(([port]) => port);
    const port = ready[Math.floor(Math.random() * ready.length)];
    if (port === undefined) {
      socket.destroy();
      return;
    }
    const end = connect(port, '127.0.0.1');
    for (const [from, to] of [
      [socket, end],
      [end, socket],
    ] as const) {
      this.#sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }
}

/** What `/readyz` of a webhook says. */
export async function readiness(port: number): Promise<{ status: number; text: string }> {
  return call({ port, path: '/readyz', method: 'GET', type: null });
}
