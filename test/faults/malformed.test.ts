import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import type { Host } from '../kernel/host.ts';
import { Stage } from './stage.ts';

const program = new URL('../../dist/realip', import.meta.url).pathname;
const howMany = Number(process.env['REALIP_MALFORMED'] ?? 2000);
/** Calls of the plugin at once. */
const abreast = 4;

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open({ duplicateDetection: false });
});
afterAll(() => stage?.close());

const nasty = fc.oneof(
  fc.constantFrom<unknown>(
    ...[
      '',
      ' ',
      '\u0000',
      '../..',
      'eth0',
      'lo',
      '10.9.1.7',
      '10.9.1.7/16',
      'fd00:9::1',
      '::',
      '0.0.0.0/0',
      '%d',
    ],
    ...[
      'a'.repeat(300),
      '__proto__',
      'constructor',
      '{}',
      'real',
      '💥',
      '-1',
      '/',
      '/dev/null',
      'ff:ff:ff:ff:ff:ff',
    ],
    ...[0, -1, 1, 1.5, 65_536, 2 ** 53, 1e308, true, false, null, [], {}, [null], [[]], [{}], { length: 3 }],
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

const fields = [
  ...[
    'cniVersion',
    'name',
    'type',
    'dataplane',
    'master',
    'mode',
    'vlan',
    'mtu',
    'mac',
    'hostAccess',
    'hostRoutes',
  ],
  ...[
    'duplicateDetection',
    'sysctl',
    'ipam',
    'capabilities',
    'runtimeConfig',
    'prevResult',
    'args',
    'dns',
    'news',
  ],
  ...['cni.dev/valid-attachments', 'cni.dev/attachments', '__proto__', 'ipMasq'],
];
const ipamFields = [
  'type',
  'agent',
  'server',
  'tokenFile',
  'caFile',
  'timeoutMs',
  'node',
  'families',
  'subnet',
];
const resultFields = ['cniVersion', 'interfaces', 'ips', 'routes', 'dns', 'ip4', 'ip6'];
const changes = (names: readonly string[], size: number) =>
  fc.dictionary(fc.constantFrom(...names), nasty, { maxKeys: size, noNullPrototype: true });

const result = {
  cniVersion: '1.0.0',
  interfaces: [{ name: 'eth0', mac: '0a:58:0a:09:01:07', sandbox: '/var/run/netns/x' }],
  ips: [{ address: '10.9.1.7/16', gateway: '10.9.0.1', interface: 0 }],
  routes: [{ dst: '0.0.0.0/0', gw: '10.9.0.1' }],
  dns: {},
};

/** Words that no environment can hold are cut: NUL ends a variable. */
const word = fc
  .oneof(
    fc.constantFrom(
      '',
      'eth0',
      'lo',
      '.',
      '..',
      'a/b',
      'a:b',
      'x'.repeat(16),
      'e th',
      'é',
      '/proc/self/ns/net',
      '/',
    ),
    fc.constantFrom(
      '/dev/null',
      '/var/run/netns/none',
      'K8S_POD_NAME=a;K8S_POD_NAMESPACE=b',
      'IgnoreUnknown=1',
      'IP=10.9.1.300',
    ),
    fc.constantFrom(
      'IP=10.9.1.7',
      'MAC=zz',
      'IgnoreUnknown=1;IP=fd00:9::1:7;;',
      '=;=',
      'IP',
      'UNKNOWN=1',
      'K8S_POD_UID=',
    ),
    fc.string({ maxLength: 20 }),
  )
  .map((text) => text.replaceAll('\u0000', ''));

const call = fc.record({
  command: fc.constantFrom('ADD', 'ADD', 'DEL', 'CHECK', 'GC', 'STATUS', 'VERSION', 'UPDATE', ''),
  env: fc.dictionary(
    fc.constantFrom(
      'CNI_CONTAINERID',
      'CNI_NETNS',
      'CNI_IFNAME',
      'CNI_ARGS',
      'CNI_PATH',
      'CNI_NETNS_OVERRIDE',
      'NODE_NAME',
    ),
    word,
    { maxKeys: 2, noNullPrototype: true },
  ),
  conf: changes(fields, 3),
  ipam: fc.oneof({ weight: 2, arbitrary: fc.constant({}) }, { weight: 1, arbitrary: changes(ipamFields, 2) }),
  previous: fc.option(changes(resultFields, 2)),
  isKept: fc.boolean(),
  version: fc.constantFrom('0.1.0', '0.2.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'),
  text: fc.option(
    fc.oneof(
      fc.constantFrom('', '{', '[]', 'null', '"x"', '\ufeff{}', '{"name":"a","name":"b"}', '{'.repeat(5000)),
      fc.string(),
    ),
    { freq: 12 },
  ),
});
type Malformed = typeof call extends fc.Arbitrary<infer Value> ? Value : never;

function inputOf({ conf, ipam, previous, isKept, version, text }: Malformed): string {
  if (text !== null) {
    return text;
  }
  const { plugin } = stage;
  const base = {
    ...plugin.conf,
    cniVersion: version,
    ipam: { ...(plugin.conf['ipam'] as object), timeoutMs: 300, ...ipam },
  };
  return JSON.stringify({
    ...base,
    ...(previous === null ? {} : { prevResult: { ...result, ...previous } }),
    ...(isKept ? {} : conf),
  });
}

/** The namespace that a call is told of, unless it is told nonsense. */
async function run(id: string, netns: string, malformed: Malformed) {
  const { command, env } = malformed;
  const variables = {
    PATH: process.env['PATH'] ?? '',
    CNI_COMMAND: command,
    CNI_CONTAINERID: id,
    CNI_NETNS: netns,
    CNI_IFNAME: 'eth0',
    CNI_PATH: '/nowhere',
    ...env,
  };
  const child = spawn('ip', ['netns', 'exec', stage.network.node.name, program], {
    env: variables,
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(inputOf(malformed));
  const told = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (part) => {
    told.stdout += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part) => {
    told.stderr += part;
  });
  const [status] = await once(child, 'close');
  return { status, ...told };
}

/** What is wrong with what a call answered: one JSON object or nothing with 0, one error with 1, never a stack. */
function faultsOf(command: string, { status, stdout, stderr }: Awaited<ReturnType<typeof run>>): string[] {
  const isStack = /^\s+at .+:\d+:\d+|TypeError|RangeError|ReferenceError|panic/m.test(stdout + stderr);
  const json = stdout === '' ? undefined : parse(stdout);
  const isError =
    typeof json?.code === 'number' && json.code > 0 && json.code !== 999 && typeof json.msg === 'string';
  const isFine =
    command === '' || (status === 0 ? stdout === '' || json !== undefined : status === 1 && isError);
  return isStack || !isFine ? [`status ${status}: ${stdout}${stderr}`.slice(0, 1000)] : [];
}

function parse(text: string): { code?: unknown; msg?: unknown } | undefined {
  try {
    const json = JSON.parse(text);
    return typeof json === 'object' && json !== null && text.trim().split('\n').length === 1
      ? json
      : undefined;
  } catch {
    return undefined;
  }
}

/**
 * A runtime's DEL: what the call was told of name and interface, with a sound configuration. An ADD under another
 * plugin's type gives an address without making an interface.
 *
 * @returns what stays
 */
function takeAway(name: string, pod: Host, malformed: Malformed, status: number | null): string[] {
  const { command, env, conf, isKept, text } = malformed;
  if (command !== 'ADD' || (status !== 0 && pod.ask('link show').length === 1)) {
    return [];
  }
  stage.plugin.del(env['CNI_CONTAINERID'] ?? name, pod.path, {
    ifname: env['CNI_IFNAME'] ?? 'eth0',
    conf: isKept || text !== null ? {} : { name: conf['name'] ?? 'real' },
  });
  const left: string[] = pod
    .ask('link show')
    .map(({ ifname }) => ifname)
    .filter((ifname) => ifname !== 'lo');
  for (const ifname of left) {
    pod.ip(`link delete ${ifname}`);
  }
  return left;
}

test(`${howMany} malformed calls: one JSON object each, never a stack, and nothing is left`, async () => {
  // Everyday runs judge a change, and so all try the same; whole ones look for what nobody has met yet.
  const wholeRun = () => Number(process.env['REALIP_SEED'] ?? Date.now() % 2 ** 31);
  const seed = process.env['REALIP_FAULTS'] === 'all' ? wholeRun() : 2_116_070_835;
  const calls = fc.sample(call, { seed, numRuns: howMany });
  const { network, ipam, plugin } = stage;
  const links = () =>
    JSON.stringify(network.node.ask('link show').map(({ ifname, mtu, flags }) => [ifname, mtu, flags]));
  const wrong: string[] = [];
  const codes = new Map<unknown, number>();
  let next = 0;
  const worker = async (name: string) => {
    const pod = network.pod(name);
    for (let index = next++; index < calls.length; index = next++) {
      const each = calls[index] as Malformed;
      const outcome = await run(name, pod.path, each);
      const code = outcome.status === 0 ? 0 : parse(outcome.stdout)?.code;
      codes.set(code, (codes.get(code) ?? 0) + 1);
      const faults = faultsOf(each.command, outcome);
      wrong.push(...faults.map((fault) => `${index} of seed ${seed} ${JSON.stringify(each)}: ${fault}`));
      wrong.push(
        ...takeAway(name, pod, each, outcome.status).map(
          (left) => `${index} of seed ${seed} ${JSON.stringify(each)}: left ${left}`,
        ),
      );
    }
  };
  const before = links();
  await Promise.all(Array.from({ length: abreast }, (_, index) => worker(`w${index}`)));
  console.log(`seed ${seed}; codes ${JSON.stringify([...codes])}`);
  expect(wrong.slice(0, 10)).toEqual([]);
  plugin.del('drain', '');
  stage.dropShim();
  expect(links()).toBe(before);
  expect(stage.leftovers()).toEqual([]);
  expect(ipam.holders()).toEqual([]);
}, 600_000);
