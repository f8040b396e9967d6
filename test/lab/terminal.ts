import { writeSync } from 'node:fs';

/** One step as it ended: ✔ or ✘ with its figure (a duration, an address, or what went wrong). */
export interface Outcome {
  readonly chapter: string;
  readonly title: string;
  readonly ok: boolean;
  readonly figure: string;
}

const reset = '\u001b[0m';
const styles = {
  bold: '\u001b[1m',
  dim: '\u001b[2m',
  green: '\u001b[32m',
  red: '\u001b[31m',
  cyan: '\u001b[36m',
};

export type Style = keyof typeof styles;

const titleWidth = 62;
const never = new Promise<never>(() => {});

/** Narrates the lab on a terminal: colours and a progress line on a TTY, plain lines elsewhere or with NO_COLOR. */
export class Terminal {
  readonly #colour: boolean;
  readonly #live: boolean;
  readonly outcomes: Outcome[] = [];
  #chapter = '';
  #frozen = false;

  constructor(isTerminal: boolean, environment: Readonly<Record<string, string | undefined>>) {
    const noColor = environment['NO_COLOR'];
    this.#colour = isTerminal && (noColor === undefined || noColor === '');
    this.#live = isTerminal && environment['TERM'] !== 'dumb';
  }

  say(line = ''): void {
    // Synchronous, so that nothing is lost when the lab ends at once, also into a pipe.
    writeSync(1, `${line}\n`);
  }

  style(style: Style, text: string): string {
    return this.#colour ? `${styles[style]}${text}${reset}` : text;
  }

  chapter(title: string): void {
    this.#chapter = title;
    this.say(`\n${this.style('bold', title)}`);
  }

  /** From now on no step begins or ends: the lab is being removed. */
  freeze(): void {
    this.#frozen = true;
  }

  /**
   * Runs one step and tells how it ended. A step that throws is a ✘, and the story goes on.
   *
   * @param act gives the figure to print
   */
  async step(title: string, act: () => Promise<string>): Promise<void> {
    await this.make(title, async () => ({ made: undefined, figure: await act() }));
  }

  /** A step that makes something for later ones; @returns undefined when it failed. */
  async make<T>(title: string, act: () => Promise<{ made: T; figure: string }>): Promise<T | undefined> {
    if (this.#live) {
      writeSync(1, `  ${this.style('dim', `… ${title}`)}`);
    }
    const { ok, figure, made } = await (this.#frozen ? never : outcomeOf(act));
    if (this.#frozen) {
      return never;
    }
    if (this.#live) {
      writeSync(1, '\r\u001b[2K');
    }
    const mark = ok ? this.style('green', '✔') : this.style('red', '✘');
    this.say(`  ${mark} ${title.padEnd(titleWidth)}  ${this.style(ok ? 'cyan' : 'red', figure)}`);
    this.outcomes.push({ chapter: this.#chapter, title, ok, figure });
    return made;
  }

  /** Something on the way of the step that is under way. */
  note(text: string): void {
    this.say(`${this.#live ? '\r\u001b[2K' : ''}      ${this.style('dim', text)}`);
  }

  /** The closing table; @returns whether every step succeeded. */
  close(seconds: number): boolean {
    const failed = this.outcomes.filter((outcome) => !outcome.ok);
    this.say(`\n${this.style('bold', 'What was seen')}`);
    for (const chapter of new Set(this.outcomes.map((outcome) => outcome.chapter))) {
      const steps = this.outcomes.filter((outcome) => outcome.chapter === chapter);
      const good = steps.filter((outcome) => outcome.ok).length;
      const mark = good === steps.length ? this.style('green', '✔') : this.style('red', '✘');
      this.say(`  ${mark} ${chapter.padEnd(titleWidth)}  ${good} of ${steps.length}`);
    }
    for (const { title, figure } of failed) {
      this.say(`  ${this.style('red', '✘')} ${title}: ${figure}`);
    }
    const steps = this.outcomes.length;
    this.say(`\n${steps - failed.length} of ${steps} steps succeeded in ${seconds.toFixed(1)} s.`);
    return failed.length === 0;
  }
}

type Result<T> = { ok: boolean; figure: string; made?: T };

async function outcomeOf<T>(act: () => Promise<{ made: T; figure: string }>): Promise<Result<T>> {
  try {
    return { ok: true, ...(await act()) };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return { ok: false, figure: text.trim().replaceAll(/\s*\n\s*/g, ' | ') };
  }
}
