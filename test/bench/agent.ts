import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { callSocket } from '../agent/socket-call.ts';
import { start } from '../lab/process.ts';
import { type Life, live } from './cni.ts';
import { liveAll, size } from './crowd.ts';
import { makeLonelyNode, removeNamespace } from './namespaces.ts';
import { startServer, stop } from './server.ts';
import { goMacvlan, goMacvlanName, realip } from './side.ts';
import type { Comparison } from './statistics.ts';
import type { Figure } from './table.ts';

/** Ready addresses that each round begins with: one for a pod, one for each of a crowd. */
const [forOne, forAll] = [8, size];
const crowdRounds = 3;
/** Seconds that the agent is left alone for the share of a processor that it takes then. */
const idleSeconds = 30;
const [mostMemory, mostIdle] = [80, 0.5];

/** The plugin with the node's agent, against Go's macvlan + host-local, in the same namespaces, in turn. */
export async function benchAgent(
  dist: string,
  rounds: number,
): Promise<{ comparisons: Comparison[]; figures: Figure[] }> {
  const node = makeLonelyNode();
  const folder = mkdtempSync(join(tmpdir(), 'realip-bench-'));
  const server = await startServer(dist, folder, { namespace: node });
  try {
    await server.declare('10.9.0.0/16', '10.9.0.1', ['10.9.1.0', '10.9.200.255']);
    const agent = await startAgent(dist, folder, node, server.url);
    try {
      const ipam = {
        ...{ type: 'realip-ipam', agent: agent.socket, server: server.url, node: 'n1' },
        stateDir: agent.stateDir,
      };
      const sides = {
        ours: realip(dist, ipam, { duplicateDetection: true }),
        theirs: goMacvlan(folder),
      };
      const comparisons = [
        ...(await compareOne(node, sides, agent.ready, rounds)),
        ...(await compareAll(node, sides, agent.ready)),
      ];
      return { comparisons, figures: await footprint(agent.pid) };
    } finally {
      await agent.stop();
    }
  } finally {
    await server.stop();
    removeNamespace(node);
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Sides {
  readonly ours: ReturnType<typeof realip>;
  readonly theirs: ReturnType<typeof goMacvlan>;
}

/** Waits until the agent has so many addresses ready: never within a time that is measured. */
type Ready = (count: number) => Promise<void>;

const common = { unit: 'ms', peer: goMacvlanName } as const;
const probed =
  'agent on the node: addresses probed by RFC 5227 ahead, others each round, reserve filled between rounds (not timed)';

async function compareOne(node: string, { ours, theirs }: Sides, ready: Ready, rounds: number) {
  const pairs: { ours: Life; theirs: Life }[] = [];
  for (let round = -1; round < rounds; round++) {
    await ready(forOne);
    const pair = { ours: live(node, ours, round), theirs: live(node, theirs, round) };
    if (round >= 0) {
      pairs.push(pair);
    }
  }
  const targets = { ADD: 1, CHECK: undefined, DEL: 0.35 };
  return (['ADD', 'CHECK', 'DEL'] as const).map((name): Comparison => {
    const target = targets[name];
    return {
      ...common,
      name,
      conditions: name === 'ADD' ? `${probed}, shim` : 'agent on the node, shim',
      ours: pairs.map((pair) => pair.ours[name]),
      theirs: pairs.map((pair) => pair.theirs[name]),
      ...(target !== undefined && { target }),
    };
  });
}

async function compareAll(node: string, { ours, theirs }: Sides, ready: Ready) {
  const pairs: { ours: { ADD: number; DEL: number }; theirs: { ADD: number; DEL: number } }[] = [];
  for (let round = 0; round < crowdRounds; round++) {
    await ready(forAll);
    pairs.push({ ours: await liveAll(node, ours, round), theirs: await liveAll(node, theirs, round) });
  }
  return (['ADD', 'DEL'] as const).map(
    (name): Comparison => ({
      ...common,
      name: `${size} ${name}s at once`,
      conditions: name === 'ADD' ? `${probed}, shim` : 'agent on the node, shim',
      ours: pairs.map((pair) => pair.ours[name]),
      theirs: pairs.map((pair) => pair.theirs[name]),
      ...(name === 'ADD' && { target: 0.9 }),
    }),
  );
}

async function startAgent(dist: string, folder: string, node: string, url: string) {
  const [socket, stateDir] = [join(folder, 'agent.sock'), join(folder, 'agent')];
  const command = [
    ...['nsenter', `--net=/run/netns/${node}`, join(dist, 'realip'), 'agent'],
    ...['--server', url, '--node', 'n1', '--master', 'eth0', '--socket', socket, '--state', stateDir],
    ...['--reserve', String(forAll + forOne), '--conf', join(folder, 'none')],
  ];
  const { process: child } = await start(command, join(folder, 'agent.log'));
  return {
    socket,
    stateDir,
    pid: child.pid ?? 0,
    ready: (count: number) => untilReady(socket, count),
    stop: () => stop(child),
  };
}

async function untilReady(socket: string, count: number): Promise<void> {
  const end = performance.now() + 60_000;
  while (performance.now() < end) {
    const { body } = await callSocket(socket, 'GET', '/v1/agent/status');
    const reserve: { state: string }[] = body.reserve;
    if (reserve.filter(({ state }) => state === 'ready').length >= count) {
      return;
    }
    await sleep(50);
  }
  throw new Error(`the agent has not got ${count} addresses ready within a minute`);
}

/** What the agent takes of the node when nothing happens, after all that came before. */
async function footprint(pid: number): Promise<Figure[]> {
  await sleep(5_000);
  const before = ticksOf(pid);
  await sleep(idleSeconds * 1000);
  // A tick is a hundredth of a second (sysconf(_SC_CLK_TCK) on Linux).
  const share = (ticksOf(pid) - before) / idleSeconds;
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  const resident = Number(kibibytes) / 1024;
  const verdict = (isMet: boolean) => (isMet ? '✔' : '✘');
  return [
    {
      name: 'resident memory of the node agent (VmRSS)',
      conditions: `after ${crowdRounds} × ${size} pods, ${forAll + forOne} addresses in reserve; aim < ${mostMemory} MiB`,
      value: `${resident.toFixed(1)} MiB ${verdict(resident < mostMemory)}`,
    },
    {
      name: 'processor time of the idle node agent',
      conditions: `over ${idleSeconds} s, ${forAll + forOne} addresses in reserve, no pod; aim < ${mostIdle} % of a core`,
      value: `${share.toFixed(2)} % ${verdict(share < mostIdle)}`,
    },
  ];
}

function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  const [user = 0, system = 0] = [fields[11], fields[12]].map(Number);
  return user + system;
}
