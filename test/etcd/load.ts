import { setTimeout as sleep } from 'node:timers/promises';
import { request } from '../server/lan.ts';
import { until } from '../server/until.ts';
import type { BedServer } from './bed-server.ts';

/** How a call ended that was not acknowledged. */
export interface Failure {
  /** 0 where there was no answer at all. */
  readonly status: number;
  readonly code: string;
  readonly retryAfter: string | null;
  /** Milliseconds that it took. */
  readonly took: number;
}

/** Milliseconds that a client waits for an answer: longer than a server may take for a clear error. */
const limit = 30_000;

/**
 * Clients that allocate and release, each call again and again until it is acknowledged, at one server after the
 * other where several are given: as agents do. It keeps what was acknowledged, and how the rest ended.
 */
export class Load {
  /** The address of each container, from its acknowledgement until its release is begun. */
  readonly held = new Map<string, string>();
  readonly released = new Set<string>();
  readonly failures: Failure[] = [];
  /** The longest time without any acknowledgement, in milliseconds. */
  longestGap = 0;
  #acknowledged = 0;
  #last = performance.now();
  readonly #name: string;
  readonly #servers: readonly BedServer[];
  readonly #clients: Promise<void>[];
  #isOver = false;

  /** @param name of the containers' names, so that each load has others */
  constructor(name: string, servers: readonly BedServer[], clients = 8) {
    this.#name = name;
    this.#servers = servers;
    this.#clients = Array.from({ length: clients }, (_, i) => this.#client(i));
  }

  /** How many calls were acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Waits until so many more calls were acknowledged. */
  async goesOn(more = 100): Promise<void> {
    const wanted = this.#acknowledged + more;
    await until(`${more} more calls are acknowledged`, () => this.#acknowledged >= wanted, 120_000, 20);
  }

  /** Every call that was begun comes to its good end. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }

  async #client(number: number): Promise<void> {
    for (let i = 0; !this.#isOver; i++) {
      const id = `${this.#name}-${number}-${i}`;
      const body = await this.#done(number, 'POST', '/v1/allocations', request(id));
      this.held.set(id, body.ips[0].address);
      if (i % 3 === 0) {
        this.held.delete(id);
        await this.#done(number, 'DELETE', `/v1/allocations/realip/${id}/eth0`);
        this.released.add(id);
      }
    }
  }

  /** Asks until it is acknowledged. */
  // biome-ignore lint/suspicious/noExplicitAny: the answer of whatever was called
  async #done(number: number, method: string, path: string, json?: unknown): Promise<any> {
    for (let tries = 0; ; tries++) {
      const server = this.#servers[(number + tries) % this.#servers.length] as BedServer;
      const began = performance.now();
      const failed = (status: number, code: string, retryAfter: string | null = null) =>
        this.failures.push({ status, code, retryAfter, took: performance.now() - began });
      try {
        const answer = await server.ask(method, path, json, limit);
        const text = await answer.text();
        const body = text === '' ? null : JSON.parse(text);
        if (answer.ok) {
          this.#acknowledge();
          return body;
        }
        failed(answer.status, body?.code ?? '', answer.headers.get('retry-after'));
      } catch (error) {
        failed(0, String(error));
      }
      await sleep(100);
    }
  }

  #acknowledge(): void {
    const now = performance.now();
    this.longestGap = Math.max(this.longestGap, now - this.#last);
    this.#last = now;
    this.#acknowledged++;
  }
}
