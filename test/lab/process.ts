import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';

const patience = 30_000;

/** A program that goes on by itself. */
export interface Started {
  readonly process: ChildProcess;
  /** What it printed when it was ready. */
  readonly line: string;
}

/**
 * Starts a program and waits for the first line on its standard output: its sign of being ready. From then on it
 * lives by itself, also when this process ends.
 *
 * @param logFile gets its standard error
 * @throws Error with its standard error, if it ends or stays silent for half a minute
 */
export async function start(command: readonly string[], logFile: string): Promise<Started> {
  const [program = '', ...args] = command;
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', log], detached: true });
  closeSync(log);
  const output = child.stdout;
  if (output === null) {
    throw new Error(`${program} has no standard output`);
  }
  const complaint = (what: string) =>
    new Error(`${args.join(' ')} ${what}: ${readFileSync(logFile, 'utf8').trim()}`);
  const line = await new Promise<string>((resolve, reject) => {
    let stdout = '';
    const timer = setTimeout(() => reject(complaint(`said nothing within ${patience} ms`)), patience);
    output.on('data', (data) => {
      stdout += data;
      if (stdout.includes('\n')) {
        // From here on it may end when its log is gone already: the lab is removed as a whole.
        child.removeAllListeners('close');
        resolve(stdout.slice(0, stdout.indexOf('\n')));
      }
    });
    child.on('error', reject);
    child.on('close', (status) => reject(complaint(`ended with ${status}`)));
    output.once('data', () => clearTimeout(timer));
    child.once('close', () => clearTimeout(timer));
  });
  output.destroy();
  child.unref();
  return { process: child, line };
}
