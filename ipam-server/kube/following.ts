import { setTimeout as pause } from 'node:timers/promises';
import type { KubernetesObject } from '@kubernetes/client-node';
import { reasonOf } from '../../core/problem/problem.ts';
import type { ApiServer } from './api-server.ts';

/** So many objects an answer, so that none of them is large. */
const pageSize = 500;
/** A watch ends after so long and is begun again: one whose connection died unseen is not waited for longer. */
const watchSeconds = 60;
const watchPatienceMs = (watchSeconds + 10) * 1_000;
/** Milliseconds between two attempts, doubled from the first to the last. */
const shortestPause = 500;
const longestPause = 10_000;

/** Who is told of the objects. What it does not keep of them is not kept at all. */
export interface Follower<Body> {
  /** A list begins: what is not told until its end is no more. */
  begin(): void;
  put(object: Body): void;
  end(): void;
  remove(object: Body): void;
  /** What has been told is what there is, and will be. */
  live(): void;
  /** Once for each time that the API server is away or refuses. */
  broken(why: string): void;
}

interface Page<Body> {
  readonly items: readonly Body[];
  readonly metadata: { readonly resourceVersion?: string; readonly continue?: string };
}

/** All objects of a kind, listed and then watched; begun again whenever that breaks, until it is stopped. */
export class Following<Body extends KubernetesObject> {
  readonly #api: Pick<ApiServer, 'get' | 'lines'>;
  readonly #path: string;
  readonly #query: Readonly<Record<string, string>>;
  readonly #follower: Follower<Body>;
  readonly #stopped = new AbortController();
  #watching = new AbortController();
  #version: string | null = null;
  #isLive = false;
  #isBrokenTold = false;

  /**
   * @param path of the collection
   * @param query selectors
   */
  constructor(
    api: Pick<ApiServer, 'get' | 'lines'>,
    path: string,
    query: Readonly<Record<string, string>>,
    follower: Follower<Body>,
  ) {
    this.#api = api;
    this.#path = path;
    this.#query = query;
    this.#follower = follower;
  }

  /** Whether what was told is, as far as can be known, what there is. */
  get isLive(): boolean {
    return this.#isLive;
  }

  async run(): Promise<void> {
    const { signal } = this.#stopped;
    let next = shortestPause;
    while (!signal.aborted) {
      try {
        await this.#once();
        next = shortestPause;
      } catch (error) {
        if (!signal.aborted) {
          next = this.#broken(error) ? shortestPause : Math.min(2 * next, longestPause);
          // The pause differs, so that many servers don't come back at one moment.
          await pause(next * (0.5 + Math.random() / 2), undefined, { signal }).catch(() => {});
        }
      }
    }
  }

  stop(): void {
    this.#stopped.abort();
    this.#watching.abort();
  }

  /** Reports whether all was well until now. */
  #broken(error: unknown): boolean {
    const wasLive = this.#isLive;
    this.#isLive = false;
    if (!wasLive) {
      // A watch that can't be begun again may ask for what is forgotten.
      this.#version = null;
    }
    if (!this.#isBrokenTold) {
      this.#isBrokenTold = true;
      this.#follower.broken(reasonOf(error));
    }
    return wasLive;
  }

  async #once(): Promise<void> {
    this.#version ??= await this.#list();
    await this.#watch(this.#version);
  }

  async #list(): Promise<string> {
    this.#follower.begin();
    let next = '';
    for (;;) {
      const query = { ...this.#query, limit: `${pageSize}`, ...(next === '' ? {} : { continue: next }) };
      const page = await this.#api.get<Page<Body>>(this.#at(query));
      for (const object of page?.items ?? []) {
        this.#follower.put(object);
      }
      next = page?.metadata.continue ?? '';
      if (next === '') {
        this.#follower.end();
        return page?.metadata.resourceVersion ?? '';
      }
    }
  }

  async #watch(resourceVersion: string): Promise<void> {
    const query = {
      ...this.#query,
      resourceVersion,
      watch: 'true',
      allowWatchBookmarks: 'true',
      timeoutSeconds: `${watchSeconds}`,
    };
    this.#watching = new AbortController();
    const patience = setTimeout(() => this.#watching.abort(new Error('no end in time')), watchPatienceMs);
    try {
      const lines = this.#api.lines(this.#at(query), this.#watching.signal, () => this.#live());
      for await (const line of lines) {
        if (line !== '') {
          this.#take(JSON.parse(line));
        }
      }
    } finally {
      clearTimeout(patience);
    }
  }

  #live(): void {
    this.#isLive = true;
    this.#isBrokenTold = false;
    this.#follower.live();
  }

  #take({ type, object }: { readonly type: string; readonly object: Body }): void {
    switch (type) {
      case 'ADDED':
      case 'MODIFIED':
        this.#follower.put(object);
        break;
      case 'DELETED':
        this.#follower.remove(object);
        break;
      case 'ERROR':
        // Too old, mostly: what happened meanwhile is forgotten, so all is listed again.
        this.#version = null;
        throw new Error(`the watch ended: ${JSON.stringify(object)}`);
      default:
    }
    this.#version = object.metadata?.resourceVersion ?? this.#version;
  }

  #at(query: Readonly<Record<string, string>>): string {
    return `${this.#path}?${new URLSearchParams(query)}`;
  }
}
