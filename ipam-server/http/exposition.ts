type Labels = Readonly<Record<string, string>>;

/**
 * One metric in Prometheus' text format (version 0.0.4), for figures that are only counted when they are asked for:
 * thousands of samples are a few milliseconds this way, and three times that through a library's gauges.
 */
export class Exposition {
  readonly #name: string;
  readonly #lines: string[];

  constructor(name: string, type: 'gauge' | 'counter', help: string) {
    this.#name = name;
    this.#lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
  }

  /** @param labels values without `"`, `\` and line breaks, which names of objects never hold */
  add(labels: Labels, value: number): void {
    let text = '';
    for (const label in labels) {
      text += `${text === '' ? '{' : ','}${label}="${labels[label]}"`;
    }
    this.#lines.push(`${this.#name}${text === '' ? '' : `${text}}`} ${value}`);
  }

  /** Empty without a sample. */
  text(): string {
    return this.#lines.length > 2 ? `${this.#lines.join('\n')}\n` : '';
  }
}
