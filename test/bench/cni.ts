import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { schedule } from '../../cni/probe/probing.ts';
import { cniPlugins } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';
import { startServer } from './server.ts';
import type { Comparison } from './statistics.ts';

const prefix = 'realip-bench-';
const node = `${prefix}node`;
const sandbox = `${prefix}pod`;

function ip(...args: string[]): void {
  const run = spawnSync('ip', args, { encoding: 'utf8' });
  if (run.status !== 0) {
    throw new Error(`ip ${args.join(' ')}: ${run.stderr}`);
  }
}

/** A node with an uplink: a cable of which both ends lie in the node’s namespace. */
function makeNode(): void {
  removeNode();
  ip('netns', 'add', node);
  ip('-n', node, 'link', 'set', 'lo', 'up');
  ip('-n', node, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', 'lan');
  ip('-n', node, 'address', 'add', '10.9.0.11/16', 'dev', 'eth0');
  ip('-n', node, 'link', 'set', 'eth0', 'up');
  ip('-n', node, 'link', 'set', 'lan', 'up');
}

function removeNode(): void {
  for (const name of [node, sandbox]) {
    spawnSync('ip', ['netns', 'delete', name]);
  }
}

interface Side {
  readonly name: string;
  readonly program: string;
  readonly path: string;
  readonly configuration: string;
}

/** Runs a plugin once; @returns milliseconds of the whole process, as whoever started it sees it. */
function call(side: Side, command: 'ADD' | 'DEL', containerId: string): number {
  const started = performance.now();
  const run = spawnSync('nsenter', [`--net=/run/netns/${node}`, side.program], {
    input: side.configuration,
    encoding: 'utf8',
    env: {
      CNI_COMMAND: command,
      CNI_CONTAINERID: containerId,
      CNI_NETNS: `/run/netns/${sandbox}`,
      CNI_IFNAME: 'eth0',
      CNI_PATH: side.path,
      PATH: process.env['PATH'] ?? '',
    },
  });
  const milliseconds = performance.now() - started;
  if (run.status !== 0) {
    throw new Error(`${side.name} ${command} failed: ${run.stdout}${run.stderr}`);
  }
  return milliseconds;
}

/** One ADD and one DEL in a fresh pod namespace. */
function attach(side: Side, round: number): { add: number; del: number } {
  ip('netns', 'add', sandbox);
  try {
    const containerId = `${side.name}-${round}`;
    return { add: call(side, 'ADD', containerId), del: call(side, 'DEL', containerId) };
  } finally {
    ip('netns', 'delete', sandbox);
  }
}

const network = { cniVersion: '1.0.0', master: 'eth0', mode: 'bridge' };

interface Conditions {
  readonly tls: boolean;
  /** Whether realip asks the network for its addresses first; the peer never does. */
  readonly probe: boolean;
}

async function compare(
  dist: string,
  { tls, probe }: Conditions,
  rounds: number,
): Promise<readonly [add: Comparison, del: Comparison]> {
  const folder = mkdtempSync(join(tmpdir(), 'realip-bench-'));
  const plugins = goPart(cniPlugins);
  const server = await startServer(dist, folder, { namespace: node, tls });
  try {
    await server.declare('10.9.0.0/16', '10.9.0.1', ['10.9.1.0', '10.9.200.255']);
    const ipam = {
      type: 'realip-ipam',
      server: server.url,
      node: 'n1',
      caFile: server.caFile,
      stateDir: folder,
    };
    const ours: Side = {
      name: 'realip',
      program: join(dist, 'realip'),
      path: dist,
      configuration: JSON.stringify({
        ...network,
        name: 'ours',
        type: 'realip',
        duplicateDetection: probe,
        ipam,
      }),
    };
    const range = {
      subnet: '10.9.0.0/16',
      rangeStart: '10.9.201.0',
      rangeEnd: '10.9.250.255',
      gateway: '10.9.0.1',
    };
    const hostLocal = { type: 'host-local', dataDir: join(folder, 'host-local'), ranges: [[range]] };
    const theirs: Side = {
      name: 'macvlan',
      program: join(plugins, 'macvlan'),
      path: plugins,
      configuration: JSON.stringify({
        ...network,
        name: 'theirs',
        type: 'macvlan',
        ipam: { ...hostLocal, routes: [{ dst: '0.0.0.0/0' }] },
      }),
    };
    for (const side of [ours, theirs]) {
      attach(side, -1);
    }
    const pairs = Array.from({ length: rounds }, (_, round) => ({
      ours: attach(ours, round),
      theirs: attach(theirs, round),
    }));
    const asking = probe ? `realip’s duplicate probe of ${schedule.end} ms` : 'no duplicate probe';
    const conditions = `${tls ? 'HTTPS' : 'HTTP'} to the server on the same machine, SQLite, shim, ${asking}`;
    const peer = `Go macvlan + host-local ${cniPlugins.version}`;
    const common = { conditions, peer, unit: 'ms' as const };
    return [
      {
        ...common,
        name: 'ADD',
        ours: pairs.map((p) => p.ours.add),
        theirs: pairs.map((p) => p.theirs.add),
        ...(probe ? {} : { target: 1.3 }),
      },
      { ...common, name: 'DEL', ours: pairs.map((p) => p.ours.del), theirs: pairs.map((p) => p.theirs.del) },
    ];
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** ADD and DEL of the whole plugin against Go's macvlan + host-local, in the same namespaces, in turn. */
export async function benchCni(dist: string, rounds: number): Promise<Comparison[]> {
  makeNode();
  try {
    const [probing] = await compare(dist, { tls: false, probe: true }, rounds);
    return [
      ...(await compare(dist, { tls: false, probe: false }, rounds)),
      ...(await compare(dist, { tls: true, probe: false }, rounds)),
      // Its DEL is no other than that of the first.
      probing,
    ];
  } finally {
    removeNode();
  }
}

/** What an empty executable of the same compiler costs, to see what is realip's own share. */
export function startOf(dist: string, bun: string, rounds: number): { empty: number[]; version: number[] } {
  const folder = mkdtempSync(join(tmpdir(), 'realip-bench-'));
  try {
    const source = join(folder, 'empty.ts');
    const empty = join(folder, 'empty');
    writeFileSync(source, 'export {};\n');
    spawnSync(bun, [
      'build',
      '--compile',
      '--bytecode',
      '--format=esm',
      '--minify',
      `--outfile=${empty}`,
      source,
    ]);
    const time = (program: string, env: Record<string, string>) => {
      const started = performance.now();
      spawnSync(program, [], { env, input: '' });
      return performance.now() - started;
    };
    const runs = Array.from({ length: rounds }, () => ({
      empty: time(empty, {}),
      version: time(join(dist, 'realip'), { CNI_COMMAND: 'VERSION' }),
    }));
    return { empty: runs.map((run) => run.empty), version: runs.map((run) => run.version) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
