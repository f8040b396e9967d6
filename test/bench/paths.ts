import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { stop } from './server.ts';
import type { Comparison } from './statistics.ts';
import { type End, type Path, TwoNodes } from './two-nodes.ts';

const seconds = 1;

/** What one path did in each round. */
interface Series {
  readonly p50: number[];
  readonly p99: number[];
  readonly gigabits: number[];
}

/** Starts a server in an end’s namespace, and waits until it listens. */
async function serve({ namespace }: End, port: number, command: readonly string[]): Promise<ChildProcess> {
  const child = spawn('ip', ['netns', 'exec', namespace, ...command], { stdio: 'ignore' });
  for (let tries = 0; tries < 200; tries++) {
    const { stdout } = spawnSync('ip', ['netns', 'exec', namespace, 'ss', '-Hltn', `sport = :${port}`], {
      encoding: 'utf8',
    });
    if (stdout.trim() !== '') {
      return child;
    }
    await sleep(10);
  }
  await stop(child);
  throw new Error(`${command.join(' ')} did not listen`);
}

function ask({ namespace }: End, command: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('ip', ['netns', 'exec', namespace, ...command], {
    encoding: 'utf8',
  });
  if (status !== 0) {
    throw new Error(`${command.join(' ')}: ${stdout}${stderr}`);
  }
  return stdout;
}

/** Round trips of 64 octets over one TCP connection. @returns microseconds there and back */
async function roundTrip([near, far]: Path['ends']): Promise<{ p50: number; p99: number }> {
  const [address, port] = [far.address, 11_111];
  const place = ['--tcp', '-i', address, '-p', `${port}`];
  const server = await serve(far, port, ['sockperf', 'server', ...place]);
  try {
    const text = ask(near, ['sockperf', 'ping-pong', ...place, '-t', `${seconds}`, '-m', '64', '--full-rtt']);
    const percentile = (share: string) =>
      Number(new RegExp(`percentile ${share} =\\s+([\\d.]+)`).exec(text)?.[1]);
    return { p50: percentile('50\\.000'), p99: percentile('99\\.000') };
  } finally {
    await stop(server);
  }
}

/** @returns Gbit/s of one TCP connection */
async function throughput([near, far]: Path['ends']): Promise<number> {
  const port = 5_201;
  const server = await serve(far, port, ['iperf3', '-s', '-p', `${port}`]);
  try {
    const text = ask(near, ['iperf3', '-c', far.address, '-p', `${port}`, '-t', `${seconds}`, '-J']);
    const { end }: { end: { sum_received: { bits_per_second: number } } } = JSON.parse(text);
    return end.sum_received.bits_per_second / 1e9;
  } finally {
    await stop(server);
  }
}

const conditions = 'two nodes in namespaces on one switch, one TCP connection';
const names = { macvlan: 'macvlan (bridge)', ptp: 'ptp' } as const;

function compare(name: keyof typeof names, peer: string, ours: Series, theirs: Series): Comparison[] {
  const common = { conditions, peer };
  const row = (what: string, unit: Comparison['unit'], values: keyof Series) => ({
    ...common,
    name: `${what}, pod ↔ pod by ${names[name]}`,
    unit,
    ours: ours[values],
    theirs: theirs[values],
  });
  return [
    row('round trip p50', 'µs', 'p50'),
    row('round trip p99', 'µs', 'p99'),
    row('throughput', 'Gbit/s', 'gigabits'),
  ];
}

/** Pods on different nodes, by realip’s data planes against the nodes themselves, bridges and VXLAN, in turn. */
export async function benchPaths(dist: string, rounds: number): Promise<Comparison[]> {
  const nodes = new TwoNodes(dist);
  try {
    const measured = new Map<string, Series>();
    const of = (name: string) => {
      const series = measured.get(name) ?? { p50: [], p99: [], gigabits: [] };
      measured.set(name, series);
      return series;
    };
    for (let round = 0; round < rounds; round++) {
      for (const { name, ends } of nodes.paths) {
        const { p50, p99 } = await roundTrip(ends);
        of(name).p50.push(p50);
        of(name).p99.push(p99);
        of(name).gigabits.push(await throughput(ends));
      }
    }
    return [
      ...compare('macvlan', 'node ↔ node, no pod', of('macvlan'), of('node')),
      ...compare('macvlan', 'bridge pods, routed', of('macvlan'), of('bridge')),
      ...compare('macvlan', 'VXLAN pods', of('macvlan'), of('VXLAN')),
      ...compare('ptp', 'node ↔ node, no pod', of('ptp'), of('node')),
      ...compare('ptp', 'VXLAN pods', of('ptp'), of('VXLAN')),
    ];
  } finally {
    nodes.remove();
  }
}
