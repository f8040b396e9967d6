import { performance } from 'node:perf_hooks';
import { setTimeout as after } from 'node:timers/promises';
import { reasonOf } from '../../core/problem/problem.ts';
import type { ApiServer } from './api-server.ts';

/** So many objects are read at once: more would hold the loop up, in which reviews wait. */
const pageSize = 100;
/** The API server ends a watch after so long; it is begun again where it stopped. */
const watchSeconds = 300;
const pause = { firstMs: 500, mostMs: 10_000 } as const;

interface RawObject {
  readonly metadata: { readonly namespace?: string; readonly name: string; readonly resourceVersion: string };
}

interface RawList<Raw> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly Raw[];
}

interface WatchLine<Raw> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: Raw;
}

export interface ListedParts<Kept> {
  readonly api: Pick<ApiServer, 'call' | 'watch'>;
  readonly path: string;
  /** Only objects with these fields, such as `metadata.name=x`. */
  readonly fieldSelector?: string;
  /** What is remembered of an object; an object is forgotten otherwise. */
  readonly keep: (raw: never) => Kept;
  /** An object is new, changed or gone; another of the same name may have taken its place. */
  readonly changed: (key: string, before: Kept | undefined, now: Kept | undefined) => void;
  readonly broken: (reason: string) => void;
}

/**
 * All objects of one kind, kept by list and watch, under `namespace/name` (or `name`, where there is no namespace);
 * only what `keep` makes of each stays in memory.
 */
export class Listed<Kept> {
  readonly #parts: ListedParts<Kept>;
  readonly #kept = new Map<string, Kept>();
  readonly #end = new AbortController();
  #version: string | null = null;
  #isWhole = false;
  /** Since when changes have not been heard of; null while they are. On a clock that only goes forward. */
  #deafSince: number | null = Number.NEGATIVE_INFINITY;
  #pauseMs: number = pause.firstMs;

  constructor(parts: ListedParts<Kept>) {
    this.#parts = parts;
  }

  get all(): ReadonlyMap<string, Kept> {
    return this.#kept;
  }

  /** Whether all objects were read once. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** How old, in milliseconds, the youngest news may be that is missing: 0 while all is heard of. */
  get deafMs(): number {
    return this.#deafSince === null ? 0 : performance.now() - this.#deafSince;
  }

  /** Reads and watches until `stop`. */
  async run(): Promise<void> {
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        this.#version ??= await this.#list();
        await this.#watch(this.#version);
        this.#pauseMs = pause.firstMs;
      } catch (error) {
        if (signal.aborted) {
          return;
        }
        // Expired versions (410) are told as an error in the watch or as its status.
        this.#version = isExpired(error) ? null : this.#version;
        this.#parts.broken(reasonOf(error));
        await after(this.#pauseMs, undefined, { signal }).catch(() => {});
        this.#pauseMs = Math.min(this.#pauseMs * 2, pause.mostMs);
      }
    }
  }

  stop(): void {
    this.#end.abort(new Error('stopped'));
  }

  /** @returns the version from which to watch */
  async #list(): Promise<string> {
    const seen = new Set<string>();
    const began = performance.now();
    let next: string | undefined;
    let version = '';
    do {
      const page: RawList<RawObject> = await this.#page(next);
      for (const raw of page.items) {
        seen.add(keyOf(raw));
        this.#put(raw);
      }
      next = page.metadata.continue;
      version = page.metadata.resourceVersion;
    } while (next && !this.#end.signal.aborted);
    for (const key of this.#kept.keys()) {
      if (!seen.has(key)) {
        this.#drop(key);
      }
    }
    this.#isWhole = true;
    this.#deafSince = began;
    return version;
  }

  async #page(next: string | undefined): Promise<RawList<RawObject>> {
    const query = new URLSearchParams({
      limit: `${pageSize}`,
      ...this.#selected(),
      ...(next ? { continue: next } : {}),
    });
    const path = `${this.#parts.path}?${query}`;
    const { status, body } = await this.#parts.api.call({ method: 'GET', path });
    if (status !== 200) {
      throw Object.assign(new Error(`GET ${path}: ${status} ${messageOf(body)}`), { status });
    }
    return body as RawList<RawObject>;
  }

  #selected(): Record<string, string> {
    const { fieldSelector } = this.#parts;
    return fieldSelector === undefined ? {} : { fieldSelector };
  }

  async #watch(version: string): Promise<void> {
    const query = new URLSearchParams({
      watch: 'true',
      ...this.#selected(),
      resourceVersion: version,
      allowWatchBookmarks: 'true',
      timeoutSeconds: `${watchSeconds}`,
    });
    const path = `${this.#parts.path}?${query}`;
    const hear = (value: unknown) => this.#hear(value as WatchLine<RawObject>);
    const opened = () => {
      this.#deafSince = null;
    };
    try {
      await this.#parts.api.watch(path, this.#end.signal, hear, opened);
    } finally {
      this.#deafSince ??= performance.now();
    }
  }

  #hear({ type, object }: WatchLine<RawObject>): void {
    if (type === 'ERROR') {
      const { code, message } = object as unknown as { code?: number; message?: string };
      throw Object.assign(new Error(message ?? 'the watch failed'), { status: code });
    }
    if (type === 'DELETED') {
      this.#drop(keyOf(object));
    } else if (type !== 'BOOKMARK') {
      this.#put(object);
    }
    this.#version = object.metadata.resourceVersion;
    this.#pauseMs = pause.firstMs;
  }

  #put(raw: RawObject): void {
    const key = keyOf(raw);
    const before = this.#kept.get(key);
    const now = this.#parts.keep(raw as never);
    this.#kept.set(key, now);
    this.#parts.changed(key, before, now);
  }

  #drop(key: string): void {
    const before = this.#kept.get(key);
    this.#kept.delete(key);
    this.#parts.changed(key, before, undefined);
  }
}

function keyOf({ metadata: { namespace, name } }: RawObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function isExpired(error: unknown): boolean {
  return error instanceof Error && 'status' in error && error.status === 410;
}

/** What a Status of the API server says. */
export function messageOf(body: unknown): string {
  return typeof body === 'object' && body !== null && 'message' in body ? `${body.message}` : '';
}
