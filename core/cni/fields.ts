import { reasonOf } from '../problem/problem.ts';

/**
 * Told of a value that isn't what it should be. Where it returns, the value counts as absent.
 *
 * @param at the value's path, such as `ipam.server[0]`; '' for the document
 */
export type OnFault = (message: string, at: string) => void;

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * A JSON object read field by field. An absent field and null are undefined; a value of another type is a fault,
 * named by its path. The same reading is strict or lenient, depending on what the handler does with a fault.
 */
export class Fields {
  readonly #path: string;
  readonly #value: Json;
  readonly #onFault: OnFault;

  /** @param path what precedes a field's name in messages, such as `ipam.`; '' at the top */
  constructor(value: unknown, onFault: OnFault, path = '') {
    this.#path = path;
    this.#onFault = onFault;
    this.#value = isObject(value) ? value : {};
    if (!isObject(value)) {
      onFault(`${path === '' ? 'the document' : path.slice(0, -1)} must be a JSON object`, path.slice(0, -1));
    }
  }

  get keys(): string[] {
    return Object.keys(this.#value);
  }

  /** The value as it stands. */
  raw(key: string): unknown {
    return this.#value[key] ?? undefined;
  }

  text(key: string): string | undefined {
    return this.#typed(key, 'a text', (value) => typeof value === 'string');
  }

  flag(key: string): boolean | undefined {
    return this.#typed(key, 'true or false', (value) => typeof value === 'boolean');
  }

  /** A whole number within both bounds. */
  integer(key: string, lowest: number, highest: number): number | undefined {
    return this.#typed(
      key,
      `a whole number from ${lowest} to ${highest}`,
      (value): value is number =>
        typeof value === 'number' && Number.isInteger(value) && value >= lowest && value <= highest,
    );
  }

  oneOf<const T extends string>(key: string, choices: readonly T[]): T | undefined {
    return this.#typed(key, `one of ${choices.map((each) => `"${each}"`).join(', ')}`, (value): value is T =>
      (choices as readonly unknown[]).includes(value),
    );
  }

  /** A text that `parse` takes; what it throws is the fault. */
  parsed<T>(key: string, parse: (text: string) => T): T | undefined {
    const text = this.text(key);
    return text === undefined ? undefined : this.#attempt(key, () => parse(text));
  }

  /** A list of texts, each read by `parse`; absent is empty. */
  listOf<T>(key: string, parse: (text: string) => T): T[] {
    const list = this.#typed(key, 'a list', (value): value is unknown[] => Array.isArray(value)) ?? [];
    const taken: T[] = [];
    for (const [index, each] of list.entries()) {
      const place = `${key}[${index}]`;
      if (typeof each === 'string') {
        const read = this.#attempt(place, () => parse(each));
        if (read !== undefined) {
          taken.push(read);
        }
      } else {
        this.#fault(place, ' must be a text');
      }
    }
    return taken;
  }

  texts(key: string): string[] {
    return this.listOf(key, (text) => text);
  }

  /** An object's own fields; absent is an object without fields. */
  object(key: string): Fields {
    return new Fields(this.raw(key) ?? {}, this.#onFault, `${this.#path}${key}.`);
  }

  /** A list of objects; absent is empty. */
  objects(key: string): Fields[] {
    const list = this.#typed(key, 'a list', (value): value is unknown[] => Array.isArray(value)) ?? [];
    return list.map((each, index) => new Fields(each, this.#onFault, `${this.#path}${key}[${index}].`));
  }

  #typed<T>(key: string, expected: string, is: (value: unknown) => value is T): T | undefined {
    const value = this.raw(key);
    if (value === undefined || is(value)) {
      return value;
    }
    this.#fault(key, ` must be ${expected}, not ${JSON.stringify(value)}`);
    return undefined;
  }

  #fault(key: string, words: string): void {
    const at = `${this.#path}${key}`;
    this.#onFault(`${at}${words}`, at);
  }

  #attempt<T>(key: string, parse: () => T): T | undefined {
    try {
      return parse();
    } catch (error) {
      this.#fault(key, `: ${reasonOf(error)}`);
      return undefined;
    }
  }
}
