import { Problem } from '../../core/problem/problem.ts';
import { nearest } from '../../document/nearest.ts';
import { serve } from '../serve.ts';
import { explainCommand } from './explain.ts';
import { testCommand } from './test-policy.ts';

export interface WebhookCommand {
  /** Runs with what the command line says behind the command's name. @returns the exit status */
  run(args: readonly string[]): Promise<number>;
  /** The exit status where it throws; where 1 is an answer, 2. */
  readonly failure: 1 | 2;
}

const serving: WebhookCommand = { run: (args) => serve(args).then(() => 0), failure: 1 };
const commands: ReadonlyMap<string, WebhookCommand> = new Map([
  ['serve', serving],
  ['explain', { run: explainCommand, failure: 2 }],
  ['test', { run: testCommand, failure: 2 }],
]);

/**
 * What the command line asks for; without a command's name in front it is `serve`.
 *
 * @throws Problem FLAG_INVALID for a word that is no command
 */
export function commandFor(line: readonly string[]): {
  readonly command: WebhookCommand;
  readonly args: readonly string[];
} {
  const [word, ...args] = line;
  if (word === undefined || word.startsWith('-')) {
    return { command: serving, args: line };
  }
  if (word === 'help') {
    return { command: serving, args: ['--help'] };
  }
  const command = commands.get(word);
  if (command === undefined) {
    const names = [...commands.keys()];
    const near = nearest(word, names);
    const hint = near === undefined ? `known are ${names.join(', ')}` : `did you mean "${near}"?`;
    throw new Problem('FLAG_INVALID', `"${word}" is no command; ${hint}`);
  }
  return { command, args };
}
