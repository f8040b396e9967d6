import { readSync, writeSync } from 'node:fs';
import { Problem, reasonOf } from '../../core/problem/problem.ts';

// process.stdin, process.stdout and process.stderr are never touched: making them costs 19 ms at every call.
const [stdin, stdout, stderr] = [0, 1, 2];

/** All of standard input; @throws Problem NETWORK_CONFIG_UNREADABLE */
export function readInput(): string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const chunk = new Uint8Array(65_536);
  let text = '';
  try {
    for (let size = readPatiently(chunk); size > 0; size = readPatiently(chunk)) {
      text += decoder.decode(chunk.subarray(0, size), { stream: true });
    }
    return text + decoder.decode();
  } catch (error) {
    throw new Problem('NETWORK_CONFIG_UNREADABLE', `standard input: ${reasonOf(error)}`, {}, error);
  }
}

/** A caller may hand over a pipe that doesn't block; then what it hasn't written yet is waited for. */
function readPatiently(chunk: Uint8Array): number {
  for (;;) {
    try {
      return readSync(stdin, chunk);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) {
        throw error;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

/** The one JSON object of a call. */
export function printAnswer(answer: object): void {
  printOutput(JSON.stringify(answer));
}

/** A line for whoever asked. */
export function printOutput(line: string): void {
  writeAll(stdout, `${line}\n`);
}

/** A line for whoever reads the runtime's log. */
export function printLine(line: string): void {
  writeAll(stderr, `${line}\n`);
}

export function warn(message: string): void {
  printLine(`realip: warning: ${message}`);
}

function writeAll(descriptor: number, text: string): void {
  const bytes = new TextEncoder().encode(text);
  let written = 0;
  try {
    while (written < bytes.length) {
      written += writeSync(descriptor, bytes, written);
    }
  } catch {
    // Nobody listens any more; the exit status still tells.
  }
}
