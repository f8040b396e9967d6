import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cniPlugins } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';

/** A plugin and how it is called. */
export interface Side {
  readonly name: string;
  readonly program: string;
  readonly path: string;
  readonly configuration: object;
}

/** One call of a side. */
export interface Call {
  readonly node: string;
  readonly pod: string;
  readonly command: 'ADD' | 'CHECK' | 'DEL';
  readonly containerId: string;
  readonly prevResult?: unknown;
}

export interface Called {
  /** Of the whole process, as whoever started it sees it. */
  readonly milliseconds: number;
  readonly result: unknown;
}

const network = { cniVersion: '1.0.0', master: 'eth0', mode: 'bridge' };

/** realip, asking this server. */
export function realip(dist: string, ipam: object, change: object = {}): Side {
  const configuration = { ...network, name: 'ours', type: 'realip', duplicateDetection: false, ...change };
  return {
    name: 'realip',
    program: join(dist, 'realip'),
    path: dist,
    configuration: { ...configuration, ipam },
  };
}

/** Go's macvlan with host-local, which keeps its addresses in files of this folder. */
export function goMacvlan(folder: string): Side {
  const path = goPart(cniPlugins);
  const range = {
    subnet: '10.9.0.0/16',
    rangeStart: '10.9.201.0',
    rangeEnd: '10.9.250.255',
    gateway: '10.9.0.1',
  };
  const ipam = {
    type: 'host-local',
    dataDir: join(folder, 'host-local'),
    ranges: [[range]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  return {
    name: 'macvlan',
    program: join(path, 'macvlan'),
    path,
    configuration: { ...network, name: 'theirs', type: 'macvlan', ipam },
  };
}

export const goMacvlanName = `Go macvlan + host-local ${cniPlugins.version}`;

function environmentOf(side: Side, { command, containerId, pod }: Call): Record<string, string> {
  return {
    CNI_COMMAND: command,
    CNI_CONTAINERID: containerId,
    CNI_NETNS: `/run/netns/${pod}`,
    CNI_IFNAME: 'eth0',
    CNI_PATH: side.path,
    PATH: process.env['PATH'] ?? '',
  };
}

function inputOf({ configuration }: Side, { prevResult }: Call): string {
  return JSON.stringify({ ...configuration, ...(prevResult === undefined ? {} : { prevResult }) });
}

/** Runs a plugin once. @throws Error with what it said when it fails */
export function run(side: Side, call: Call): Called {
  const input = inputOf(side, call);
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync('nsenter', [`--net=/run/netns/${call.node}`, side.program], {
    input,
    encoding: 'utf8',
    env: environmentOf(side, call),
  });
  const milliseconds = performance.now() - started;
  if (status !== 0) {
    throw new Error(`${side.name} ${call.command} failed: ${stdout}${stderr}`);
  }
  return { milliseconds, result: stdout === '' ? undefined : JSON.parse(stdout) };
}

/** Starts a plugin beside others and waits for its end. @returns its result; @throws as `run` */
export async function runBeside(side: Side, call: Call): Promise<unknown> {
  const child = spawn('nsenter', [`--net=/run/netns/${call.node}`, side.program], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: environmentOf(side, call),
  });
  let stdout = '';
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stdin.end(inputOf(side, call));
  const [status] = await once(child, 'close');
  if (status !== 0) {
    throw new Error(`${side.name} ${call.command} failed: ${stdout}`);
  }
  return stdout === '' ? undefined : JSON.parse(stdout);
}
