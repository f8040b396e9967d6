import { Problem } from '../../core/problem/problem.ts';

export interface Keeping<Value> {
  /** Milliseconds for which a value is used without asking again; null: it is not kept at all. */
  readonly freshMs: (value: Value) => number | null;
  /** Milliseconds for which an old value is still used where asking fails. */
  readonly staleMs: number;
  /** How many values are kept at most, and how many may be asked for at a time. */
  readonly limit: number;
}

/** What was learnt from elsewhere, kept for a while; all who ask for one thing at a time share one question. */
export class Kept<Value> {
  readonly #keeping: Keeping<Value>;
  readonly #now: () => number;
  readonly #values = new Map<string, { readonly value: Value; readonly until: number }>();
  readonly #asked = new Map<string, Promise<Value>>();

  constructor(keeping: Keeping<Value>, now: () => number = Date.now) {
    this.#keeping = keeping;
    this.#now = now;
  }

  /** A value that is fresh and, where `accepts` says so, the right one; undefined where it must be asked for. */
  fresh(key: string, accepts: (value: Value) => boolean = () => true): Value | undefined {
    const kept = this.#values.get(key);
    return kept !== undefined && this.#now() < kept.until && accepts(kept.value) ? kept.value : undefined;
  }

  /**
   * The fresh value, else what `ask` answers, else (when asking fails) an old one that `accepts` takes.
   *
   * @throws what `ask` throws; Problem OVERLOADED when too much is asked for already
   */
  async get(key: string, ask: () => Promise<Value>, accepts?: (value: Value) => boolean): Promise<Value> {
    const fresh = this.fresh(key, accepts);
    if (fresh !== undefined) {
      return fresh;
    }
    try {
      return await (this.#asked.get(key) ?? this.#ask(key, ask));
    } catch (error) {
      const kept = this.#values.get(key);
      const isUsable =
        kept !== undefined &&
        this.#now() < kept.until + this.#keeping.staleMs &&
        accepts?.(kept.value) !== false;
      if (isUsable) {
        return kept.value;
      }
      throw error;
    }
  }

  /** Asks anew while the value is fresh still; no answer, or one that `accepts` doesn't take, leaves what is there. */
  async renew(key: string, ask: () => Promise<Value>, accepts: (value: Value) => boolean): Promise<void> {
    const value = await ask().catch(() => undefined);
    if (value !== undefined && accepts(value)) {
      this.#keep(key, value);
    }
  }

  #ask(key: string, ask: () => Promise<Value>): Promise<Value> {
    if (this.#asked.size >= this.#keeping.limit) {
      throw new Problem(
        'OVERLOADED',
        `${this.#asked.size} questions to the API server wait for their answers`,
      );
    }
    const asked = ask()
      .then((value) => {
        this.#keep(key, value);
        return value;
      })
      .finally(() => this.#asked.delete(key));
    this.#asked.set(key, asked);
    return asked;
  }

  #keep(key: string, value: Value): void {
    this.#values.delete(key);
    const ms = this.#keeping.freshMs(value);
    if (ms === null) {
      return;
    }
    this.#values.set(key, { value, until: this.#now() + ms });
    for (const [oldest] of this.#values) {
      if (this.#values.size <= this.#keeping.limit) {
        break;
      }
      this.#values.delete(oldest);
    }
  }
}
