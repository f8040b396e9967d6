import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Milliseconds between two looks for connections whose last call is answered. */
const pause = 50;

/** A server’s connections, so that it can end without waiting for their clients. */
export class Connections {
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      this.#open.add(socket);
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  /**
   * Closes each connection as soon as no call is under way on it: Node does so once, at its close, and neither
   * for one that becomes idle later nor for one over which nothing was ever sent.
   */
  closeWhenIdle(): void {
    for (const socket of this.#open) {
      if (socket.bytesRead === 0) {
        socket.destroy();
      }
    }
    setInterval(() => this.#server.closeIdleConnections(), pause).unref();
  }
}
