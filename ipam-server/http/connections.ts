import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Milliseconds between two looks for connections whose last call is answered. */
const pause = 50;

/** Milliseconds for which a new connection may be silent where there are too many. */
const silence = 5_000;

/** A server’s connections: at most so many, and the server can end without waiting for their clients. */
export class Connections {
  readonly #server: Server;
  /** When each was opened. */
  readonly #open = new Map<Socket, number>();
  #lookedAt = 0;

  /** @param limit most connections; for one more, those without a call are closed, else the new one is */
  constructor(server: Server, limit: number) {
    this.#server = server;
    server.on('connection', (socket: Socket) => {
      if (this.#open.size >= limit) {
        this.#makeRoom();
      }
      if (this.#open.size >= limit) {
        socket.destroy();
        return;
      }
      this.#open.set(socket, performance.now());
      socket.once('close', () => this.#open.delete(socket));
    });
  }

  /** Closes what is idle, and what has been silent from its beginning; looks for it ten times a second at most. */
  #makeRoom(): void {
    const now = performance.now();
    if (now - this.#lookedAt < 100) {
      return;
    }
    this.#lookedAt = now;
    this.#server.closeIdleConnections();
    for (const [socket, since] of this.#open) {
      if (socket.destroyed || (socket.bytesRead === 0 && now - since > silence)) {
        socket.destroy();
        this.#open.delete(socket);
      }
    }
  }

  /**
   * Closes each connection as soon as no call is under way on it: Node does so once, at its close, and neither
   * for one that becomes idle later nor for one over which nothing was ever sent.
   */
  closeWhenIdle(): void {
    for (const socket of this.#open.keys()) {
      if (socket.bytesRead === 0) {
        socket.destroy();
      }
    }
    setInterval(() => this.#server.closeIdleConnections(), pause).unref();
  }
}
