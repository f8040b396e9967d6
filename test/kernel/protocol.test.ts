import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const program = new URL('../../dist/realip', import.meta.url).pathname;
const variables = {
  CNI_CONTAINERID: 'c1',
  CNI_NETNS: '/run/netns/none',
  CNI_IFNAME: 'eth0',
  CNI_PATH: '/opt/cni/bin',
};

function run(env: Record<string, string>, input: string | Buffer = '', args: string[] = []) {
  const { status, stdout, stderr } = spawnSync(program, args, { env, input, encoding: 'utf8' });
  return { status, stdout, stderr, json: stdout.startsWith('{') ? JSON.parse(stdout) : undefined };
}

const conf = (change: object) =>
  JSON.stringify({ cniVersion: '1.0.0', name: 'real', type: 'realip', ...change });

test('nobody asks for anything: a line on stderr, nothing on stdout', () => {
  expect(run({})).toMatchObject({ status: 0, stdout: '', stderr: expect.stringContaining('CNI plugin') });
});

test('subcommands, and one that is none', () => {
  expect(run({}, '', ['version'])).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^realip \d+\.\d+\.\d+\n$/),
  });
  expect(run({}, '', ['instal'])).toMatchObject({
    status: 2,
    stdout: '',
    stderr: expect.stringContaining('instal'),
  });
});

test('VERSION needs no standard input and no other variable', () => {
  expect(run({ CNI_COMMAND: 'VERSION' }).json).toEqual({
    cniVersion: '1.1.0',
    supportedVersions: ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'],
  });
});

test.each([
  ['an unknown command', { CNI_COMMAND: 'PING' }, '', 4],
  ['a missing variable', { CNI_COMMAND: 'ADD', CNI_IFNAME: '' }, conf({}), 4],
  ['a bad container id', { CNI_COMMAND: 'ADD', CNI_CONTAINERID: '-x' }, conf({}), 4],
  ['a bad interface name', { CNI_COMMAND: 'DEL', CNI_IFNAME: 'a/b' }, conf({}), 4],
  [
    'unknown CNI_ARGS',
    { CNI_COMMAND: 'ADD', CNI_ARGS: 'X=1' },
    conf({ ipam: { type: 'realip-ipam', server: 'http://a:1' } }),
    4,
  ],
  ['no input', { CNI_COMMAND: 'ADD' }, '', 6],
  ['no JSON', { CNI_COMMAND: 'DEL' }, '{', 6],
  ['no UTF-8', { CNI_COMMAND: 'ADD' }, Buffer.from([0x7b, 0x22, 0xff]), 6],
  ['no object', { CNI_COMMAND: 'ADD' }, '[]', 7],
  ['no name', { CNI_COMMAND: 'ADD' }, conf({ name: undefined }), 7],
  ['a bad name', { CNI_COMMAND: 'DEL' }, conf({ name: 'a b' }), 7],
  ['another type', { CNI_COMMAND: 'ADD' }, conf({ type: 'bridge' }), 7],
  ['an unknown version', { CNI_COMMAND: 'ADD' }, conf({ cniVersion: '1.0' }), 1],
  ['GC below 1.1.0', { CNI_COMMAND: 'GC' }, conf({}), 1],
  ['a bad value', { CNI_COMMAND: 'ADD' }, conf({ mtu: 'big' }), 7],
  [
    'the IPAM plugin for others',
    { CNI_COMMAND: 'ADD' },
    conf({ type: 'macvlan', ipam: { type: 'realip-ipam' } }),
    7,
  ],
])('%s: one error object, exit status 1', (_, change, input, code) => {
  const { status, json } = run({ ...variables, ...change }, input);
  expect(status).toBe(1);
  expect(json).toMatchObject({ code, msg: expect.any(String), details: expect.any(String) });
});

test.each(['1.0', 'v1.0.0', '1.0.0 ', '1.2.0', '01.0.0', '0.3'])(
  'a version is an exact text, and %j is none that is spoken',
  (cniVersion) => {
    const { json } = run({ ...variables, CNI_COMMAND: 'ADD' }, conf({ cniVersion }));
    expect(json).toMatchObject({ code: 1, msg: expect.stringContaining(`"${cniVersion}"`) });
  },
);

test.each([
  ...['0.1.0', '0.2.0', '0.3.0', '0.3.1'].map((version) => ['CHECK', version] as const),
  ...['0.1.0', '0.4.0', '1.0.0'].flatMap((version) => [
    ['GC', version] as const,
    ['STATUS', version] as const,
  ]),
])('%s is not a command of %s', (command, cniVersion) => {
  const { status, json } = run({ ...variables, CNI_COMMAND: command }, conf({ cniVersion }));
  expect(status).toBe(1);
  expect(json).toMatchObject({ cniVersion, code: 1, msg: expect.stringContaining(command) });
});

test.each([
  ['ADD', ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH']],
  ['CHECK', ['CNI_CONTAINERID', 'CNI_NETNS', 'CNI_IFNAME', 'CNI_PATH']],
  ['DEL', ['CNI_CONTAINERID', 'CNI_IFNAME', 'CNI_PATH']],
  ['GC', ['CNI_PATH']],
  ['STATUS', ['CNI_PATH']],
])('%s names all of its variables that are missing at once: %j', (CNI_COMMAND, names) => {
  const { status, json } = run({ CNI_COMMAND }, conf({ cniVersion: '1.1.0' }));
  expect(status).toBe(1);
  expect(json).toMatchObject({ code: 4, msg: expect.stringMatching(new RegExp(`: ${names.join(', ')}$`)) });
});

test('an error says version, code, message and details, and no more', () => {
  const { stdout } = run({ ...variables, CNI_COMMAND: 'ADD' }, conf({ cniVersion: '0.4.0', mtu: 'big' }));
  expect(JSON.parse(stdout)).toEqual({
    cniVersion: '0.4.0',
    code: 7,
    msg: expect.stringContaining('mtu'),
    details: expect.any(String),
  });
});

test('a missing cniVersion means 0.1.0', () => {
  const answer = run({ ...variables, CNI_COMMAND: 'CHECK' }, conf({ cniVersion: undefined }));
  expect(answer.json).toMatchObject({ cniVersion: '0.1.0', code: 1 });
});

test('unknown keys are tolerated at ADD with a warning', () => {
  const input = conf({ mastr: 'eth0', ipam: { type: 'realip-ipam', server: 'http://127.0.0.1:1' } });
  const { stderr, json } = run({ ...variables, CNI_COMMAND: 'ADD' }, input);
  expect(stderr).toContain('"mastr"');
  expect(json.code).not.toBe(7);
});

test('standard input that doesn’t block is waited for', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'realip-fifo-'));
  const fifo = join(folder, 'stdin');
  execFileSync('sh', ['-c', 'mkfifo "$0"', fifo]);
  const reader = openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  const writer = openSync(fifo, 'w');
  const child = spawn(program, [], {
    env: { ...variables, CNI_COMMAND: 'ADD' },
    stdio: [reader, 'pipe', 'ignore'],
  });
  let stdout = '';
  child.stdout?.on('data', (data) => {
    stdout += data;
  });
  const ended = once(child, 'close');
  await sleep(200);
  writeSync(writer, conf({ type: 'bridge' }));
  closeSync(writer);
  await ended;
  closeSync(reader);
  rmSync(folder, { recursive: true });
  expect(JSON.parse(stdout)).toMatchObject({ code: 7 });
});

test.each(['< /', '1>&1 0>/dev/null'])('standard input that can’t be read (%s) is code 5', (redirection) => {
  const unreadable = spawnSync('sh', ['-c', `exec ${program} ${redirection}`], {
    env: { ...variables, CNI_COMMAND: 'ADD' },
    encoding: 'utf8',
  });
  expect(unreadable.status).toBe(1);
  expect(JSON.parse(unreadable.stdout)).toMatchObject({
    code: 5,
    msg: expect.stringContaining('standard input'),
  });
});
