import { execFile } from 'node:child_process';
import type { Outcome } from './host.ts';

/** Runs a command to its end, with `input` as its standard input; the caller goes on meanwhile. */
export function runCommand([program = '', ...words]: readonly string[], input = ''): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = execFile(program, words, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) =>
      resolve({ status: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
    // A program may end without reading its input; that is its right.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}
