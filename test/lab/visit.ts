import type { Namespace } from './namespace.ts';
import { port } from './plan.ts';
import { programs } from './programs.ts';
import type { Greeting } from './workload.ts';

/**
 * Asks `host` from inside `from`, with an address of `from` as source.
 *
 * @returns who answered, from which address it was asked, in how many ms
 */
export async function visit(
  from: Namespace,
  host: string,
  at: number = port,
  source = '',
): Promise<Greeting & { ms: number }> {
  const words = ['get', `http://${host}:${at}/`, source];
  const answer = await from.run(process.execPath, [programs.workload, ...words]);
  return JSON.parse(answer);
}

/** A visit that must reach `name`, and, where `seenAs` is given, be seen as coming from that address. */
export async function reach(
  from: Namespace,
  host: string,
  name: string,
  seenAs?: string,
  at?: number,
): Promise<string> {
  const greeting = await visit(from, host, at);
  if (greeting.name !== name) {
    throw new Error(`${greeting.name} answered in place of ${name}`);
  }
  const source = greeting.from.replace('::ffff:', '');
  if (seenAs !== undefined && source !== seenAs) {
    throw new Error(`${name} saw ${source} in place of ${seenAs}`);
  }
  return `${greeting.ms.toFixed(1)} ms${seenAs === undefined ? '' : `, seen as ${source}`}`;
}
