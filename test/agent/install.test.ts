import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { slowness } from '../../netlink/testing/slowness.ts';
import { Network } from '../kernel/network.ts';
import { Installer, realip } from './installer.ts';

const network = new Network();
afterAll(() => network.remove());

let installer: Installer;
beforeEach(() => {
  installer = new Installer(network.node);
});
afterEach(() => installer.close());

const modeOf = (path: string) => statSync(path).mode & 0o777;

test('executables, state folder and conf list are put in place, folders that are missing too', () => {
  const file = installer.write();
  const { status, stdout } = installer.put();
  expect(stdout).toContain('00-realip.conflist: put in place');
  expect(status).toBe(0);
  expect(installer.files()).toEqual(['realip', 'realip-ipam', '00-realip.conflist']);
  expect(readFileSync(installer.conf)).toEqual(readFileSync(file));
  expect(readFileSync(installer.program).equals(readFileSync(realip))).toBe(true);
  expect(readlinkSync(`${installer.program}-ipam`)).toBe('realip');
  expect([installer.program, installer.conf, installer.state].map(modeOf)).toEqual([0o755, 0o644, 0o700]);
});

test('where NODE_NAME says the node’s name, the list that is installed has it, and nothing else differs', () => {
  const ipam = { type: 'realip-ipam', server: 'http://127.0.0.1:8080' };
  const wanted = readFileSync(installer.write({ ipam }), 'utf8');
  const named = { under: ['env', 'NODE_NAME=rack-7.example'] };
  expect(installer.put(named).status).toBe(0);
  const text = readFileSync(installer.conf, 'utf8');
  expect(
    text
      .split('\n')
      .filter((line) => !line.includes('"node"'))
      .join('\n'),
  ).toBe(wanted.replace(/(8080")/, '$1,'));
  expect(JSON.parse(text).plugins[0].ipam).toEqual({ ...ipam, node: 'rack-7.example' });
  expect(installer.put(named).stdout.match(/was there already/g)).toHaveLength(2);
  installer.write({ ipam: { ...ipam, node: 'own-name' } });
  installer.put(named);
  expect(JSON.parse(readFileSync(installer.conf, 'utf8')).plugins[0].ipam.node).toBe('own-name');
});

test('a second time it changes nothing', () => {
  installer.write();
  installer.put();
  const looks = () => [installer.program, installer.conf].map((path) => statSync(path).ctimeMs);
  const before = looks();
  const { status, stdout } = installer.put();
  expect(status).toBe(0);
  expect(stdout.match(/was there already/g)).toHaveLength(2);
  expect(looks()).toEqual(before);
});

test.each([
  [{ mastr: 'eth0' }, 'unknown key "mastr"', 'Did you mean "master"?'],
  [{ ipam: { type: 'realip-ipam', sever: '' } }, 'unknown key "ipam.sever"', 'Did you mean "server"?'],
  [{ type: 'realp' }, 'no plugin of the list', 'realip'],
])('a conf with %j is refused with a suggestion, and nothing is changed', (plugin, message, cure) => {
  installer.write(plugin);
  const { status, stderr } = installer.put();
  expect(stderr).toContain('INSTALL_CONF_REFUSED');
  expect(stderr).toContain(message);
  expect(stderr).toContain(cure);
  expect(status).toBe(1);
  expect(installer.files()).toEqual([]);
});

test('a single plugin’s configuration, a file that is missing, and no file are refused', () => {
  const file = join(installer.folder, 'x.conf');
  writeFileSync(file, JSON.stringify({ cniVersion: '1.0.0', name: 'real', type: 'realip', ipam: {} }));
  expect(installer.run(['--conf', file]).stderr).toContain('INSTALL_CONF_REFUSED');
  expect(installer.run(['--conf', '/nowhere']).stderr).toContain('INSTALL_IMPOSSIBLE');
  expect(installer.run([]).stderr).toContain('INSTALL_FLAG_INVALID');
  installer.write();
  expect(installer.put({}, '--wait', 'soon').stderr).toContain('INSTALL_FLAG_INVALID');
  expect(installer.files()).toEqual([]);
});

test('without a ready agent the conf list does not appear', () => {
  const file = installer.write();
  const began = Date.now();
  const socket = join(installer.folder, 'agent.sock');
  const { status, stderr } = installer.run(['--conf', file, '--socket', socket, '--wait', '1s']);
  expect(stderr).toContain('INSTALL_AGENT_AWAY');
  expect(stderr).toContain(socket);
  expect(status).toBe(1);
  expect(Date.now() - began).toBeLessThan(10_000 * slowness());
  expect(installer.files()).toEqual(['realip', 'realip-ipam']);
});

test('an executable that runs is replaced, and goes on', async () => {
  mkdirSync(installer.binDir, { recursive: true });
  copyFileSync('/bin/sleep', installer.program);
  chmodSync(installer.program, 0o755);
  const running = spawn(installer.program, ['60']);
  await new Promise((resolve) => running.once('spawn', resolve));
  expect(() => writeFileSync(installer.program, '')).toThrow('ETXTBSY');
  installer.write();
  const { status } = installer.put();
  expect(status).toBe(0);
  expect(running.exitCode).toBeNull();
  running.kill('SIGKILL');
  expect(readFileSync(installer.program).equals(readFileSync(realip))).toBe(true);
});

test('a changed conf is written in place, and whoever reads it meanwhile finds the old or the new', async () => {
  const first = readFileSync(installer.write(), 'utf8');
  installer.put();
  const { ino } = statSync(installer.conf);
  const texts = [1400, 1500].map((mtu) => readFileSync(installer.write({ mtu, hostAccess: 'none' }), 'utf8'));
  const [long, short] = [`${texts[0]}${' '.repeat(2000)}\n`, texts[1] ?? ''];
  const file = join(installer.folder, 'wanted.conflist');
  const reader = spawn('python3', ['-c', reading, installer.conf], { stdio: ['pipe', 'pipe', 'inherit'] });
  let told = '';
  reader.stdout.on('data', (data) => {
    told += data;
  });
  await new Promise((resolve) => reader.stdout.once('data', resolve));
  for (let round = 0; round < 20; round++) {
    writeFileSync(file, round % 2 === 0 ? long : short);
    expect(installer.put().status).toBe(0);
    expect(readFileSync(installer.conf, 'utf8')).toBe(round % 2 === 0 ? long : short);
  }
  reader.stdin.end();
  await new Promise((resolve) => reader.once('close', resolve));
  const seen: string[] = JSON.parse(told.split('\n').at(-2) ?? '');
  expect(seen.length).toBeGreaterThan(1);
  for (const text of seen) {
    // Blanks after the list are of the longer one before it.
    expect([first, long, short].map((each) => each.trimEnd())).toContain(text.trimEnd());
  }
  expect(statSync(installer.conf).ino).toBe(ino);
});

/** Reads without a pause until its input ends, and prints each text that it saw, once. */
const reading = `
import json, select, sys
seen = set()
first = True
while not select.select([sys.stdin], [], [], 0)[0]:
    for _ in range(200):
        seen.add(open(sys.argv[1]).read())
    if first:
        print("reading", flush=True)
        first = False
print(json.dumps(list(seen)))
`;

test('a conf longer than a page is whole, too, though by a rename', () => {
  installer.write();
  installer.put();
  const file = installer.write({
    hostRoutes: Array.from({ length: 300 }, (_, n) => `10.96.${n % 250}.0/24`),
  });
  expect(installer.put().status).toBe(0);
  expect(readFileSync(installer.conf)).toEqual(readFileSync(file));
  installer.write();
  expect(installer.put().status).toBe(0);
  expect(installer.files()).toEqual(['realip', 'realip-ipam', '00-realip.conflist']);
});

test('a watcher of the folder that overlooks what is renamed sees the conf, new and changed', async () => {
  mkdirSync(installer.confDir, { recursive: true });
  const watcher = spawn('python3', ['-c', watching, installer.confDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let told = '';
  watcher.stdout.on('data', (data) => {
    told += data;
  });
  await new Promise((resolve) => watcher.stdout.once('data', resolve));
  const written = async (count: number) => {
    while (told.split('written\n').length - 1 < count) {
      await new Promise((resolve) => watcher.stdout.once('data', resolve));
    }
  };
  installer.write();
  installer.put();
  await written(1);
  installer.write({ mtu: 1400 });
  installer.put();
  await written(2);
  watcher.kill('SIGKILL');
});

/** Prints a line each time the conf itself was written to (IN_MODIFY, IN_CLOSE_WRITE): no moves, no creations. */
const watching = `
import ctypes, os, struct, sys
libc = ctypes.CDLL(None)
fd = libc.inotify_init1(0)
libc.inotify_add_watch(fd, sys.argv[1].encode(), 0x2 | 0x8)
print("watching", flush=True)
while True:
    data = os.read(fd, 65536)
    while data:
        _, mask, _, length = struct.unpack("iIII", data[:16])
        name = data[16:16 + length].rstrip(b"\\0").decode()
        data = data[16 + length:]
        if name == "00-realip.conflist" and mask & 0x8:
            print("written", flush=True)
`;

test.each([
  ['a full disk', 'mkdir -p $B && mount -t tmpfs -o size=20m tmpfs $B', 'ENOSPC'],
  ['a read-only disk', 'mkdir -p $B && mount -t tmpfs -o ro tmpfs $B', 'EROFS'],
  ['a file in the way of the folder', 'mkdir -p $(dirname $B) && touch $B', 'EEXIST|ENOTDIR'],
  ['a disk that does not execute', 'mkdir -p $B && mount -t tmpfs -o noexec tmpfs $B', 'EACCES|not run'],
])('%s is told by a code, and no conf appears', (_, mount, reason) => {
  installer.write();
  const { status, stderr } = installer.put({ after: `B=${installer.binDir}; ${mount}` });
  expect(stderr).toMatch(/realip install: INSTALL_(IMPOSSIBLE|NOT_EXECUTABLE): /);
  expect(stderr).toMatch(new RegExp(reason));
  expect(status).toBe(1);
  expect(existsSync(installer.conf)).toBe(false);
});

test('a conf folder on a full disk keeps the conf that was there', () => {
  installer.write();
  installer.put();
  mkdirSync(join(installer.folder, 'small'));
  const before = readFileSync(installer.conf, 'utf8');
  installer.write({ hostRoutes: Array.from({ length: 300 }, (_, n) => `10.96.${n % 250}.0/24`) });
  const fill = `mount -t tmpfs -o size=8k tmpfs $D && echo '${before}' > $D/00-realip.conflist`;
  const look = `; cat $D/00-realip.conflist; ls -A $D`;
  const { stdout } = network.node.run('sh', [
    '-c',
    `D=${installer.confDir}; ${fill}; ${realip} install --no-agent --conf ${installer.folder}/wanted.conflist \
      --bin-dir ${installer.binDir} --conf-dir $D --state ${installer.state} 2>&1; echo "status $?"${look}`,
  ]);
  expect(stdout).toMatch(/INSTALL_IMPOSSIBLE: .*ENOSPC/);
  expect(stdout).toContain('status 1');
  expect(stdout).toContain(before);
  expect(stdout).not.toContain('.new');
});

test('folders of another owner and mode do: the state folder is root’s alone afterwards', () => {
  installer.write();
  mkdirSync(dirname(installer.state), { recursive: true });
  network.node.run('install', [
    '-d',
    '-m',
    '0777',
    '-o',
    '65534',
    installer.state,
    installer.confDir,
    installer.binDir,
  ]);
  expect(installer.put().status).toBe(0);
  expect(modeOf(installer.state)).toBe(0o700);
  expect(statSync(installer.state).uid).toBe(0);
});

test('of two installs at once one waits for the other, and says so when that takes too long', async () => {
  installer.write();
  installer.put();
  const holder = spawn('flock', [join(installer.state, 'install.lock'), 'cat']);
  holder.stdin.write('held');
  await new Promise((resolve) => holder.stdout.once('data', resolve));
  const { status, stderr } = installer.put({}, '--wait', '300ms');
  holder.stdin.end();
  expect(stderr).toContain('INSTALL_BUSY');
  expect(status).toBe(1);
});

test('a state folder that is a disk of its own is emptied by a purge, and stays', () => {
  installer.write();
  installer.put();
  writeFileSync(join(installer.state, 'token'), 'x');
  const after = `mount --bind ${installer.state} ${installer.state}`;
  const { status, stdout } = installer.run(['--remove', '--purge'], { after });
  expect(stdout).toContain(`${installer.state}: emptied; it is a mount point`);
  expect(status).toBe(0);
  expect(readdirSync(installer.state)).toEqual([]);
});
