import {
  findNodeAtLocation,
  getNodeValue,
  type JSONPath,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from 'jsonc-parser';

/** A configuration file's text: its value, and the line of everything in it. */
export class ConfText {
  /** What keeps the text from being JSON; undefined when it is. */
  readonly fault: { readonly line: number; readonly reason: string } | undefined;
  readonly #text: string;
  readonly #root: Node | undefined;

  constructor(text: string) {
    const errors: ParseError[] = [];
    // Plain JSON, as runtimes read it: no comments, no comma at the end.
    this.#root = parseTree(text, errors, { disallowComments: true });
    this.#text = text;
    const [first] = errors;
    this.fault = first && {
      line: this.#lineOf(first.offset),
      reason: inWords(printParseErrorCode(first.error)),
    };
  }

  get value(): unknown {
    return this.#root === undefined ? undefined : getNodeValue(this.#root);
  }

  /** Line, from 1, of the member that `path` leads to (its key, where it has one), else of the nearest above it. */
  lineOf(path: JSONPath): number {
    for (let length = path.length; length > 0; length--) {
      const node = this.#root && findNodeAtLocation(this.#root, path.slice(0, length));
      if (node !== undefined) {
        return this.#lineOf((node.parent?.type === 'property' ? node.parent : node).offset);
      }
    }
    return this.#lineOf(this.#root?.offset ?? 0);
  }

  /** Keys that an object has more than once: JSON readers take the last and say nothing. */
  get twice(): { readonly key: string; readonly line: number }[] {
    return this.#root === undefined ? [] : this.#twiceIn(this.#root);
  }

  #twiceIn(node: Node): { key: string; line: number }[] {
    const children = node.children ?? [];
    const keys = node.type === 'object' ? children.map(keyOf) : [];
    return [
      ...children
        .filter((child, i) => keys.indexOf(keyOf(child)) < i && node.type === 'object')
        .map((child) => ({ key: keyOf(child), line: this.#lineOf(child.offset) })),
      ...children.flatMap((child) => this.#twiceIn(child)),
    ];
  }

  #lineOf(offset: number): number {
    return this.#text.slice(0, offset).split('\n').length;
  }
}

/** Of a property's node. */
function keyOf({ children: [key] = [] }: Node): string {
  return String(key?.value);
}

/** `CommaExpected` → `comma expected`. */
function inWords(code: string): string {
  return code.replace(/(?<!^)([A-Z])/g, ' $1').toLowerCase();
}
