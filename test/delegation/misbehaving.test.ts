import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../kernel/host.ts';
import { Network } from '../kernel/network.ts';
import { DelegatingPlugin, scripts, upstream } from './delegating.ts';

let network: Network;
let folder: string;

beforeEach(() => {
  network = new Network();
  folder = mkdtempSync(join(tmpdir(), 'realip-misbehaving-'));
});

afterEach(() => network?.remove());

const good = '{"cniVersion":"1.0.0","ips":[{"address":"10.9.3.1/16"}]}';

/** The plugin over a script, which writes down each of its calls. */
function over(body: string): DelegatingPlugin {
  const bodies = { pool: `echo "$CNI_COMMAND" >> ${folder}/calls\n${body}` };
  return new DelegatingPlugin(network.node, { type: 'pool' }, {}, `/nowhere:${scripts(bodies)}:${upstream}`);
}

function calls(): string[] {
  const path = join(folder, 'calls');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

function expectNothing(pod: Host): void {
  expect(pod.ask('link show').map((link) => link.ifname)).toEqual(['lo']);
  expect(network.node.ask('route show proto 82')).toEqual([]);
}

/** Whether the other plugin, a script, has written its process id down. */
function isAtWork(): boolean {
  const path = join(folder, 'pid');
  return existsSync(path) && readFileSync(path, 'utf8').endsWith('\n');
}

/** A process that nobody has waited for yet has no words left. */
function isRunning(pid: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8') !== '';
  } catch {
    // It has ended.
    return false;
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await sleep(10);
  }
}

test.each([
  ['crashes', 'kill -SEGV $$', 123, /SIGSEGV/],
  ['crashes without reading a word', 'exec <&-; exit 7', 123, /ended with status 7/],
  ['prints rubbish', 'echo "Hello, I am an address"', 123, /it is no JSON/],
  ['prints nothing', 'exit 0', 123, /nothing at all/],
  ['never stops printing', 'yes', 123, /ended/],
  ['gives no address', `echo '{"cniVersion":"1.0.0","ips":[]}'`, 123, /no IP address/],
  ['gives half a result', `echo '{"cniVersion":"1.0.0","ips":[{"address":"10.9.3.1"}]}'`, 123, /address/],
  [
    'refuses',
    `echo '{"code":100,"msg":"the pool is asleep","details":"until noon"}'; exit 1`,
    100,
    /^the pool is asleep$/,
  ],
  ['asks to try again', `echo '{"code":11,"msg":"later"}'; exit 1`, 11, /^later$/],
])('one that %s at ADD: its DEL is called, nothing is left', (_, body, code, msg) => {
  const pod = network.pod('a');
  const answer = over(`[ "$CNI_COMMAND" = DEL ] && exit 0\n${body}`).add('mb-a', pod, {
    conf: { filler: 'x'.repeat(200_000) },
  });
  expect(answer.status).toBe(1);
  expect(answer.json).toMatchObject({ code, msg: expect.stringMatching(msg) });
  expect(calls()).toEqual(['ADD', 'DEL']);
  expectNothing(pod);
});

test.each(['/proc/self/ns/net', '/dev/null/bin', `/${'x'.repeat(300)}`])(
  'one whose folder is none (%s) is missing, and no fault of ours',
  (cniPath) => {
    const pod = network.pod('p');
    const plugin = new DelegatingPlugin(network.node, { type: 'no-such-pool' }, {}, cniPath);
    expect(plugin.add('a', pod).json).toMatchObject({ code: 122 });
    expectNothing(pod);
  },
);

test('one that is missing: ADD says where it was looked for, DEL warns and succeeds', () => {
  const pod = network.pod('m');
  const plugin = new DelegatingPlugin(network.node, { type: 'no-such-pool' });
  expect(plugin.add('mb-m', pod).json).toMatchObject({
    code: 122,
    msg: expect.stringMatching(/"no-such-pool" in CNI_PATH \(\/.*cni-plugins/),
  });
  expectNothing(pod);
  expect(plugin.del('mb-m', pod.path)).toMatchObject({
    status: 0,
    stdout: '',
    stderr: expect.stringContaining('no-such-pool'),
  });
  const call = (command: string, conf: object = {}) =>
    plugin.call({ command, id: '', netns: '', conf: { cniVersion: '1.1.0', ...conf } });
  const why = { msg: expect.stringContaining('no-such-pool') };
  expect(call('STATUS').json).toMatchObject({ code: 50, ...why });
  expect(call('GC', { 'cni.dev/valid-attachments': [] }).json).toMatchObject({ code: 105, ...why });
});

test('one that has gone since ADD, or fails at DEL: the interface and the host’s routes go all the same', () => {
  for (const body of ['exit 0', 'echo gone wrong >&2; exit 1']) {
    const pod = network.pod('g');
    const plugin = over(`[ "$CNI_COMMAND" = ADD ] && echo '${good}' && exit 0\n${body}`);
    expect(plugin.add('mb-g', pod).status).toBe(0);
    const gone = body === 'exit 0' ? { env: { CNI_PATH: '/nowhere' } } : {};
    expect(plugin.del('mb-g', pod.path, gone)).toMatchObject({ status: 0, stdout: '' });
    expectNothing(pod);
    pod.remove();
  }
});

test('it gets the same variables, the whole configuration, and standard error goes through', () => {
  const pod = network.pod('e');
  const plugin = over(
    `env | grep ^CNI_ | sort > ${folder}/env.$CNI_COMMAND; cat > ${folder}/conf.$CNI_COMMAND
     echo "said on stderr" >&2; [ "$CNI_COMMAND" = ADD ] && echo '${good}'; exit 0`,
  );
  const conf = { special: { key: [1, 'two'] }, 'a.b/c': null };
  const added = plugin.add('mb-e', pod, { conf, args: 'IgnoreUnknown=1;FOO=bar' });
  expect(added.stderr).toContain('said on stderr');
  expect(JSON.parse(readFileSync(join(folder, 'conf.ADD'), 'utf8'))).toEqual({ ...plugin.conf, ...conf });
  const variables = readFileSync(join(folder, 'env.ADD'), 'utf8').trim().split('\n');
  expect(variables).toEqual(
    expect.arrayContaining([
      'CNI_ARGS=IgnoreUnknown=1;FOO=bar',
      'CNI_COMMAND=ADD',
      'CNI_CONTAINERID=mb-e',
      'CNI_IFNAME=eth0',
      `CNI_NETNS=${pod.path}`,
      expect.stringMatching(/^CNI_PATH=\/nowhere:/),
    ]),
  );
  const prevResult = added.json;
  plugin.check('mb-e', pod, prevResult);
  expect(JSON.parse(readFileSync(join(folder, 'conf.CHECK'), 'utf8'))).toMatchObject({ prevResult });
  plugin.del('mb-e', pod.path, { conf: { prevResult } });
  expect(JSON.parse(readFileSync(join(folder, 'conf.DEL'), 'utf8'))).toMatchObject({ prevResult });
  expect(calls()).toEqual(['ADD', 'CHECK', 'DEL']);
});

test('DEL frees the address only when the interface has gone', () => {
  const pod = network.pod('o');
  const plugin = over(
    `[ "$CNI_COMMAND" = ADD ] && echo '${good}'
     ip -n ${pod.name} -br link show eth0 > ${folder}/link.$CNI_COMMAND 2>&1; exit 0`,
  );
  plugin.add('mb-o', pod);
  plugin.del('mb-o', pod.path);
  expect(readFileSync(join(folder, 'link.ADD'), 'utf8')).toMatch(/^eth0/);
  expect(readFileSync(join(folder, 'link.DEL'), 'utf8')).toContain('does not exist');
});

test('its dns counts; an address that was asked for and not given is taken back', () => {
  const pod = network.pod('d');
  const dns = { nameservers: ['10.9.0.53'], search: ['example'] };
  const plugin = over(
    `[ "$CNI_COMMAND" = ADD ] && echo '${JSON.stringify({ ...JSON.parse(good), dns })}'; exit 0`,
  );
  expect(plugin.add('mb-d', pod).json.dns).toEqual(dns);
  plugin.del('mb-d', pod.path);
  const refused = plugin.add('mb-d', pod, { args: 'IP=10.9.3.77' });
  expect(refused.json).toMatchObject({
    code: 123,
    msg: expect.stringContaining('10.9.3.1 and not 10.9.3.77'),
  });
  expect(calls()).toEqual(['ADD', 'DEL', 'ADD', 'DEL']);
  expectNothing(pod);
});

test('STATUS and GC are passed on, with its own codes and its own words', () => {
  const plugin = over(
    `cat > ${folder}/conf.$CNI_COMMAND
     [ "$CNI_COMMAND" = STATUS ] && echo '{"code":51,"msg":"limited"}' && exit 1
     [ "$CNI_COMMAND" = GC ] && echo '{"code":100,"msg":"cannot sweep"}' && exit 1; exit 0`,
  );
  const call = (command: string, conf: object = {}) =>
    plugin.call({
      command,
      id: '',
      netns: '',
      conf: { cniVersion: '1.1.0', name: folder.slice(-6), ...conf },
    });
  expect(call('STATUS').json).toMatchObject({ code: 51, msg: 'limited' });
  expect(call('STATUS', { master: 'eth7' }).json).toMatchObject({ code: 50 });
  const valid = { 'cni.dev/valid-attachments': [{ containerID: 'x', ifname: 'eth0' }] };
  expect(call('GC', valid).json).toMatchObject({ code: 105, msg: expect.stringContaining('cannot sweep') });
  expect(JSON.parse(readFileSync(join(folder, 'conf.GC'), 'utf8'))).toMatchObject(valid);
  expect(calls()).toEqual(['STATUS', 'GC']);
});

test('ADD is killed while the other plugin is at work: DEL waits for its end and frees what it took', async () => {
  const pod = network.pod('k');
  const plugin = over(
    `[ "$CNI_COMMAND" = DEL ] && rm -f ${folder}/taken && exit 0
     echo $$ > ${folder}/pid; while ! [ -e ${folder}/go ]; do sleep 0.02; done; touch ${folder}/taken; echo '${good}'`,
  );
  expect(await plugin.start({ command: 'ADD', id: 'mb-k', netns: pod.path }, isAtWork)).toBe(null);
  expect(calls()).toEqual(['ADD']);
  const ended = plugin.start({ command: 'DEL', id: 'mb-k', netns: pod.path });
  await until(() => pod.ask('link show').length === 1);
  expect(calls()).toEqual(['ADD']);
  network.node.run('touch', [join(folder, 'go')]);
  expect(await ended).toBe(0);
  await until(() => !isRunning(readFileSync(join(folder, 'pid'), 'utf8').trim()));
  expect(calls()).toEqual(['ADD', 'DEL']);
  expect(existsSync(join(folder, 'taken'))).toBe(false);
  expectNothing(pod);
});

test('one that hangs for ever and whose caller was killed is ended by DEL', async () => {
  const pod = network.pod('h');
  const plugin = over(
    `[ "$CNI_COMMAND" = DEL ] && exit 0
     echo $$ > ${folder}/pid; while :; do sleep 0.2; done`,
  );
  expect(await plugin.start({ command: 'ADD', id: 'mb-h', netns: pod.path }, isAtWork)).toBe(null);
  const pid = readFileSync(join(folder, 'pid'), 'utf8').trim();
  expect(isRunning(pid)).toBe(true);
  expect(plugin.del('mb-h', '').status).toBe(0);
  expect(isRunning(pid)).toBe(false);
  expect(calls()).toEqual(['ADD', 'DEL']);
  // Without the namespace's path the half-made interface stays with the namespace; with it, it goes.
  expect(plugin.del('mb-h', pod.path).status).toBe(0);
  expectNothing(pod);
});
