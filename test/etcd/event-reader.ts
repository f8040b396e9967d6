import { setTimeout as sleep } from 'node:timers/promises';
import type { FarServer } from '../agent/far-server.ts';
import type { WatchClient } from '../server/watch.ts';

/** Somebody who watches events, and goes on at the next server, behind the last one he has, where a watch ends. */
export class EventReader {
  readonly ids: number[] = [];
  readonly #servers: readonly FarServer[];
  readonly #since: number;
  readonly #run: Promise<void>;
  #watch: WatchClient | null = null;
  #isOver = false;

  /** @param since the last event that is known already */
  constructor(servers: readonly FarServer[], since: number) {
    this.#servers = servers;
    this.#since = since;
    this.#run = this.#read();
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    this.#watch?.close();
    await this.#run;
  }

  async #read(): Promise<void> {
    for (let turn = 0; !this.#isOver; turn++) {
      const since = this.ids.at(-1) ?? this.#since;
      try {
        this.#watch = (await this.#servers[turn % this.#servers.length]?.watch(`?since=${since}`)) ?? null;
      } catch {
        await sleep(100);
        continue;
      }
      const { status, messages, ended } = this.#watch ?? {};
      if (this.#isOver) {
        this.#watch?.close();
      }
      await ended;
      if (status === 200) {
        this.ids.push(...(messages ?? []).map(({ id }) => Number(id)));
      }
    }
  }
}
