import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';
import type { Finding } from './finding.ts';

/** The way to a value in the file: `['rules', 0, 'zone']`. */
export type Path = readonly (string | number)[];

/** The text of a YAML (or JSON, which is YAML too) document, which knows the line and column of everything in it. */
export class DocumentSource {
  /** What is wrong with the text as YAML. */
  readonly errors: readonly Finding[];
  readonly #document: Document;
  readonly #lines = new LineCounter();

  constructor(text: string) {
    const document = parseDocument(text, {
      lineCounter: this.#lines,
      prettyErrors: false,
      // Keys that are no text are refused as unknown; Node's warning of them would only be noise before that.
      logLevel: 'error',
    });
    this.#document = document;
    this.errors = document.errors.map(({ pos, code, message }) =>
      this.#findingAt(pos[0], code === 'MULTIPLE_DOCS' ? 'it must be one document' : message),
    );
  }

  /** The file as plain values; only for a source without errors. @throws for too many aliases. */
  get value(): unknown {
    return this.#document.toJS();
  }

  /** A finding at the value under `path`, or at the nearest thing above it that exists. */
  at(path: Path, reason: string): Finding {
    for (let length = path.length; length > 0; length--) {
      const node = this.#document.getIn(path.slice(0, length), true);
      if (isNode(node) && node.range) {
        return this.#findingAt(node.range[0], reason);
      }
    }
    return this.#findingAt(this.#document.contents?.range?.[0] ?? 0, reason);
  }

  /** A finding at the key, not the value, of the last step of `path`. */
  atKey(path: Path, reason: string): Finding {
    const parent = path.length > 1 ? this.#document.getIn(path.slice(0, -1)) : this.#document.contents;
    const name = path.at(-1);
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && String(key.value) === String(name))
      : undefined;
    if (isNode(pair?.key) && pair.key.range) {
      return this.#findingAt(pair.key.range[0], reason);
    }
    return this.at(path.slice(0, -1), reason);
  }

  #findingAt(offset: number, reason: string): Finding {
    const { line, col } = this.#lines.linePos(offset);
    return { line, column: col, reason };
  }
}
