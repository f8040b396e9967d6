import { readSync, writeSync } from 'node:fs';
import { Problem, reasonOf } from '../../core/problem/problem.ts';

// process.stdin, process.stdout and process.stderr are never touched: making them costs 19 ms at every call.
const [stdin, stdout, stderr] = [0, 1, 2];

/** All of standard input; @throws Problem NETWORK_CONFIG_UNREADABLE, NETWORK_CONFIG_NO_JSON */
export function readInput(): string {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const chunk = new Uint8Array(65_536);
  let text = '';
  for (let size = readChunk(chunk); size > 0; size = readChunk(chunk)) {
    text += decoded(decoder, chunk.subarray(0, size));
  }
  return text + decoded(decoder);
}

function readChunk(chunk: Uint8Array): number {
  try {
    return patiently(() => readSync(stdin, chunk));
  } catch (error) {
    throw new Problem('NETWORK_CONFIG_UNREADABLE', `standard input: ${reasonOf(error)}`, {}, error);
  }
}

/** @param chunk absent at the end */
function decoded(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch (error) {
    throw new Problem('NETWORK_CONFIG_NO_JSON', 'standard input is no UTF-8', {}, error);
  }
}

/** A caller may hand over pipes that don't block; then the other end is waited for. */
function patiently(act: () => number): number {
  for (;;) {
    try {
      return act();
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
      written += patiently(() => writeSync(descriptor, bytes, written));
    }
  } catch {
    // Nobody listens any more; the exit status still tells.
  }
}
