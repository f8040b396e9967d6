import { until } from '../../server/until.ts';
import type { LiveCluster } from '../live-cluster.ts';
import { webPort } from './programs.ts';

/** Generous: the machine beneath may be busy with other things. */
const longestMs = 120_000;

/** What `request` asks a web server of agnhost: who it is, or from where it is asked. */
export type Question = 'hostname' | 'clientip';

/** Where somebody calls from: a process in the office, a container of a pod. Each runs a web server of agnhost. */
export interface Spot {
  readonly name: string;
  readonly address: string;
  /** Runs a program there; @throws Error with what it said */
  run(command: readonly string[]): Promise<string>;
  /** Reads a page; @throws Error when none comes */
  fetch(url: string): Promise<string>;
}

/**
 * Has the web server of one place call another over TCP; names are resolved by what the place itself asks.
 *
 * @returns the answer; for `clientip` without its port
 * @throws Error when there is none within some seconds
 */
export async function callOnce(from: Spot, host: string, request: Question, port = webPort): Promise<string> {
  const query = `host=${host}&port=${port}&protocol=http&request=${request}&tries=1`;
  const text = await from.fetch(`http://127.0.0.1:${webPort}/dial?${query}`);
  const { responses = [], errors = [] } = JSON.parse(text) as { responses?: string[]; errors?: string[] };
  const [answer] = responses;
  if (answer === undefined) {
    throw new Error(`${from.name} → ${host}:${port}: ${errors.join('; ')}`);
  }
  return request === 'clientip' ? answer.replace(/:\d+$/, '') : answer;
}

/** The same, tried until it succeeds: kube-proxies hear of Services a little later, and busy machines are slow. */
export async function call(from: Spot, host: string, request: Question, port = webPort): Promise<string> {
  return await patiently(`${from.name} reaches ${host}:${port}`, () => callOnce(from, host, request, port));
}

/** Tries something until it succeeds; @throws Error with why it failed last */
export async function patiently<T>(what: string, act: () => Promise<T>): Promise<T> {
  let made: T[] = [];
  let why = '';
  const tryIt = async () => {
    try {
      made = [await act()];
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
    return made.length > 0;
  };
  await until(what, tryIt, longestMs).catch((error: Error) => {
    throw new Error(`${error.message}: ${why}`);
  });
  return made[0] as T;
}

/** A pod's only container, entered by kubectl. */
export function podSpot(
  cluster: LiveCluster,
  { namespace, name, address }: Readonly<Record<'namespace' | 'name' | 'address', string>>,
): Spot {
  const run = async (command: readonly string[]) => {
    const { status, stdout, stderr } = await cluster.kubectl([
      'exec',
      `--namespace=${namespace}`,
      name,
      '--',
      ...command,
    ]);
    if (status !== 0) {
      throw new Error(`${name}: ${command.join(' ')}: ${stderr.trim()}`);
    }
    return stdout;
  };
  return { name, address, run, fetch: (url) => run(['wget', '-q', '-O', '-', url]) };
}
