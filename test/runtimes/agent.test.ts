import { readFileSync } from 'node:fs';
import { url } from '../kernel/ipam.ts';
import { confList } from './containerd.ts';
import { debianRelease } from './release.ts';
import { Site } from './site.ts';
import { until } from './until.ts';

const realip = new URL('../../dist/realip', import.meta.url).pathname;
const socket = '/run/realip/agent.sock';
const log = '/run/agent.log';

let site: Site;

beforeAll(async () => {
  site = await Site.start(debianRelease());
  const flags = ['--server', url, '--node', 'n1', '--socket', socket, '--state', '/run/realip'];
  const command = [realip, 'agent', ...flags, '--master', 'eth0', '--reserve', '4'].join(' ');
  site.machine.spawn('sh', ['-c', `exec ${command} > ${log} 2>&1`]);
  await until('the agent is ready', () => said().includes('ready on unix'));
  await site.containerd.configure(confList('1.0.0', {}, { agent: socket }));
}, 900_000);

// The agent goes with its machine.
afterAll(() => site?.remove());

const said = (): string => readFileSync(site.machine.outside(log), 'utf8');

/** What the agent says of itself. */
// biome-ignore lint/suspicious/noExplicitAny: the report, looked into field by field
const status = (): any =>
  JSON.parse(site.machine.must(realip, 'agent', 'status', '-o', 'json', '--socket', socket));

/** Kept once the agent has looked at the node and at its runtime again. */
async function looked(): Promise<void> {
  const before = status().lastSync;
  await until('the agent has looked', () => status().lastSync !== before);
}

test('the agent asks containerd by itself which pods live', () => {
  expect(said()).toContain('/run/containerd/containerd.sock');
  expect(status().faults).toEqual([]);
});

test('what containerd forgot without a DEL goes with its addresses; what it never had stays', async () => {
  const { network, ipam, containerd, machine } = site;
  const [first, second] = [await site.runPod(), await site.runPod()];
  const forgotten = [await first.ip(), await second.ip()];
  machine.must('ip', 'netns', 'add', 'direct');
  const variables = [
    'COMMAND=ADD',
    'CONTAINERID=direct',
    'NETNS=/run/netns/direct',
    'IFNAME=eth0',
    'PATH=/run/cni/bin',
  ];
  const conf = confList('1.0.0', {}, { agent: socket });
  const input = JSON.stringify({ cniVersion: conf.cniVersion, name: conf.name, ...conf.plugins[0] });
  const added = machine.run('env', [...variables.map((each) => `CNI_${each}`), realip], input);
  expect(added).toMatchObject({ status: 0 });
  const stays = JSON.parse(added.stdout).ips[0].address.replace(/\/.*/, '');
  await looked();
  await looked();
  await containerd.end('KILL');
  containerd.loseMemory();
  await until('the agent tells that it hears nothing', () =>
    JSON.stringify(status().faults).includes('runtime'),
  );
  expect(ipam.allocated()).toEqual(expect.arrayContaining([...forgotten, stays]));
  await containerd.start();
  await until('their addresses are released', () => forgotten.every((ip) => !ipam.allocated().includes(ip)));
  expect(ipam.allocated()).toEqual([stays]);
  expect(network.node.reaches(stays)).toBe(true);
  expect(network.node.ask('route show proto 82').map(({ dst }) => dst)).toEqual([stays]);
  expect(site.remains().filter((each) => each.includes('eth0 in'))).toEqual([]);
  expect(status().faults).toEqual([]);
}, 180_000);
