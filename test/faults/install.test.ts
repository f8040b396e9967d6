import { lstatSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Installer, realip } from '../agent/installer.ts';
import type { Outcome } from '../kernel/host.ts';
import { Network } from '../kernel/network.ts';

/** The system calls by which an install changes a disk, or waits for others. */
const calls = [
  ...['mkdir', 'chmod', 'chown', 'openat', 'unlink', 'unlinkat', 'rmdir', 'copy_file_range', 'sendfile'],
  ...['fsync', 'fdatasync', 'rename', 'symlink', 'link', 'write', 'pwrite64', 'ftruncate', 'fcntl', 'flock'],
  ...['vfork', 'exit_group'],
];

const isWhole = process.env['REALIP_FAULTS'] === 'all';
const day = Math.floor(Date.now() / 86_400_000);
const sampleSize = 12;

interface Point {
  readonly syscall: string;
  readonly when: number;
}

/** Every point with REALIP_FAULTS=all, otherwise some, evenly spread; which ones changes from day to day. */
function chosen(points: readonly Point[]): Point[] {
  const step = isWhole ? 1 : Math.ceil(points.length / sampleSize);
  return points.filter((_, index) => index % step === day % step);
}

const network = new Network();
const installer = new Installer(network.node);
const other = installer.other();
const trace = join(installer.folder, 'trace');
afterAll(() => {
  installer.close();
  network.remove();
});

const texts = [1500, 1400].map((mtu) => readFileSync(installer.write({ mtu }), 'utf8'));
const programs = [realip, other].map((path) => readFileSync(path));

/** How many of the kills came to pass: what else runs on the machine makes some calls more or fewer. */
class Kills {
  readonly #met: boolean[] = [];

  /** @throws Error when it ended by itself, and badly */
  tell({ status, stderr }: Outcome): void {
    if (status !== null && status !== 0) {
      throw new Error(`it ended with ${status}: ${stderr}`);
    }
    this.#met.push(status === null);
  }

  expectMet(): void {
    expect(this.#met.filter(Boolean).length).toBeGreaterThan(this.#met.length / 2);
  }
}

function strace(...injection: string[]): string[] {
  return ['timeout', '300', 'strace', '-o', trace, '-e', `trace=${calls}`, '-e', 'signal=none', ...injection];
}

/** Which call of its kind each is, from the first on that names a file of the installation. */
function killable(): Point[] {
  const counts = new Map<string, number>();
  let isOwn = false;
  return readFileSync(trace, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const syscall = /^(\w+)\(/.exec(line)?.[1];
      if (syscall === undefined || !calls.includes(syscall)) {
        return [];
      }
      const when = (counts.get(syscall) ?? 0) + 1;
      counts.set(syscall, when);
      isOwn ||= line.includes(installer.folder);
      return isOwn && !line.includes('/proc/') ? [{ syscall, when }] : [];
    });
}

/** What a runtime would meet now: a conf that is whole, with an executable that answers, or no conf. */
function usable(): 'old' | 'new' | 'none' {
  const conf = existing(installer.conf);
  if (conf === undefined) {
    return 'none';
  }
  const which = texts.findIndex((text) => text.trimEnd() === conf.toString().trimEnd());
  expect(['old', 'new'][which]).toBeDefined();
  for (const name of ['realip', 'realip-ipam']) {
    const env = { CNI_COMMAND: 'VERSION' };
    const { status } = network.node.run(join(installer.binDir, name), [], '{"cniVersion":"1.0.0"}', env);
    expect([name, status]).toEqual([name, 0]);
  }
  return which === 0 ? 'old' : 'new';
}

function existing(path: string): Buffer | undefined {
  return lstatSync(path, { throwIfNoEntry: false }) === undefined ? undefined : readFileSync(path);
}

/** Version and conf of `which`: 0 the old ones, 1 the new. */
function put(which: 0 | 1, under: readonly string[] = []) {
  installer.write({ mtu: which === 0 ? 1500 : 1400 });
  return installer.put({ program: which === 0 ? realip : other, under });
}

function expectWhole(which: 0 | 1): void {
  expect(installer.files()).toEqual(['realip', 'realip-ipam', '00-realip.conflist']);
  expect(readFileSync(installer.conf, 'utf8')).toBe(texts[which]);
  expect(programs[which]?.equals(readFileSync(installer.program))).toBe(true);
}

function clear(): void {
  rmSync(join(installer.folder, 'opt'), { recursive: true, force: true });
  rmSync(join(installer.folder, 'etc'), { recursive: true, force: true });
  rmSync(installer.state, { recursive: true, force: true });
}

test('killed at any call of a first install there is no conf or a whole one, and the next install ends it', () => {
  clear();
  expect(put(1, strace()).status).toBe(0);
  const points = killable();
  expect(points.length).toBeGreaterThan(30);
  const kills = new Kills();
  for (const { syscall, when } of chosen(points)) {
    clear();
    kills.tell(put(1, strace('-e', `inject=${syscall}:signal=SIGKILL:when=${when}`)));
    expect(['none', 'new']).toContain(usable());
    expect(put(1).status).toBe(0);
    expectWhole(1);
  }
  kills.expectMet();
}, 600_000);

test('killed at any call of an upgrade the old conf or the new one is there and works, and the next install ends it', () => {
  clear();
  put(0);
  expect(put(1, strace()).status).toBe(0);
  const kills = new Kills();
  for (const { syscall, when } of chosen(killable())) {
    expect(put(0).status).toBe(0);
    kills.tell(put(1, strace('-e', `inject=${syscall}:signal=SIGKILL:when=${when}`)));
    expect(['old', 'new']).toContain(usable());
    expect(put(1).status).toBe(0);
    expectWhole(1);
  }
  kills.expectMet();
}, 600_000);

test('killed at any call of a removal the conf works as long as it is there, and the next removal ends it', () => {
  put(1);
  expect(installer.run(['--remove'], { under: strace() }).status).toBe(0);
  const kills = new Kills();
  for (const { syscall, when } of chosen(killable())) {
    expect(put(1).status).toBe(0);
    const injection = strace('-e', `inject=${syscall}:signal=SIGKILL:when=${when}`);
    kills.tell(installer.run(['--remove'], { under: injection }));
    expect(['none', 'new']).toContain(usable());
    expect(installer.remove().status).toBe(0);
    expect(installer.files()).toEqual([]);
  }
  kills.expectMet();
}, 600_000);
