import { Problem } from '../../core/problem/problem.ts';
import { nearest } from '../../document/nearest.ts';
import { serve } from '../serve.ts';

/** Runs a command with what the command line says behind its name. */
export type Run = (args: readonly string[]) => Promise<void>;

const commands: ReadonlyMap<string, Run> = new Map([['serve', serve]]);

/**
 * What the command line asks for; without a command's name in front it is `serve`.
 *
 * @throws Problem FLAG_INVALID for a word that is no command
 */
export function commandFor(line: readonly string[]): { readonly run: Run; readonly args: readonly string[] } {
  const [word, ...args] = line;
  if (word === undefined || word.startsWith('-')) {
    return { run: serve, args: line };
  }
  if (word === 'help') {
    return { run: serve, args: ['--help'] };
  }
  const run = commands.get(word);
  if (run === undefined) {
    const names = [...commands.keys()];
    const near = nearest(word, names);
    const hint = near === undefined ? `known are ${names.join(', ')}` : `did you mean "${near}"?`;
    throw new Problem('FLAG_INVALID', `"${word}" is no command; ${hint}`);
  }
  return { run, args };
}
