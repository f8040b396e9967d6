import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Place } from './place.ts';

const program = join(import.meta.dirname, '../../dist/cluster.js');
const name = `left-${process.pid}`;
const place = new Place(name);

const namesIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);

/** All on the machine that carries the cluster's name, or that a node would make on the machine beneath. */
function remains(): string[] {
  const hierarchies = namesIn('/sys/fs/cgroup').map((each) => join('/sys/fs/cgroup', each));
  const processes = namesIn('/proc').filter(
    (pid) => /^\d+$/.test(pid) && commandOf(pid).includes(place.folder),
  );
  return [
    ...namesIn('/run/netns').filter((each) => each.startsWith(place.prefix)),
    ...readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => line.includes(name)),
    ...hierarchies.map((each) => join(each, place.cgroup)).filter(existsSync),
    ...processes.map((pid) => `process ${pid}: ${commandOf(pid)}`),
    // Of a node's folders, the one that nothing else beside us makes.
    ...[place.folder, '/var/lib/kubelet'].filter(existsSync),
  ];
}

function commandOf(pid: string): string {
  try {
    return readFileSync(join('/proc', pid, 'cmdline'), 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

function down(): void {
  const { status, stderr } = spawnSync(process.execPath, [program, 'down', '--name', name], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
}

/** Brings the cluster up, and returns when it has said something. */
async function upUntil(said: RegExp): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, 'up', '--bare', '--name', name], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const line of createInterface({ input: child.stdout })) {
    text += `${line}\n`;
    if (said.test(line)) {
      return child;
    }
  }
  throw new Error(`up ended without saying ${said}: ${text}`);
}

afterAll(down, 600_000);

test('what a killed `up` leaves, at whatever step, goes with `down`', async () => {
  const before = remains();
  expect(before.filter((each) => each.includes(name))).toEqual([]);
  for (const said of [/network/, /mac-1 joined/]) {
    const child = await upUntil(said);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    expect(remains().length).toBeGreaterThan(before.length);
    down();
    expect(remains()).toEqual(before);
  }
}, 900_000);

test('an interrupted `up` removes what it made, and says so by its status', async () => {
  const before = remains();
  const child = await upUntil(/network/);
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  expect(await ended).toEqual([130, null]);
  expect(remains()).toEqual(before);
}, 600_000);
