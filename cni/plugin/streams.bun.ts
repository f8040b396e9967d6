import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { readSome, writeAll } from '../../netlink/descriptor.bun.ts';

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
    return readSome(stdin, chunk);
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

/**
 * The one JSON object of a call.
 *
 * @returns false when nobody is there any more to take it
 */
export function printAnswer(answer: object): boolean {
  return print(stdout, JSON.stringify(answer));
}

/** A line for whoever asked. */
export function printOutput(line: string): void {
  print(stdout, line);
}

/** A line for whoever reads the runtime's log. */
export function printLine(line: string): void {
  print(stderr, line);
}

export function warn(message: string): void {
  printLine(`realip: warning: ${message}`);
}

function print(descriptor: number, line: string): boolean {
  try {
    writeAll(descriptor, new TextEncoder().encode(`${line}\n`));
    return true;
  } catch {
    // Nobody listens any more; the exit status still tells.
    return false;
  }
}
