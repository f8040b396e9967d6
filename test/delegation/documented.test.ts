import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Example, examples, isOurs } from '../docs/cni-page.ts';
import type { IpamServer } from '../kernel/ipam.ts';
import { Network } from '../kernel/network.ts';
import type { Plugin } from '../kernel/plugin.ts';
import { startSecured } from '../kernel/secured.ts';
import { DelegatingPlugin } from './delegating.ts';
import { DhcpService } from './dhcp-service.ts';
import { UpstreamPlugin } from './upstream.ts';

const folder = mkdtempSync(join(tmpdir(), 'realip-documented-'));
const at = (name: string) => join(folder, name);
let network: Network;
let ipam: IpamServer;
let dhcp: DhcpService;

/** What the place wants otherwise than the page has it, by `ipam.type`; all else is run as it stands there. */
const substitutions: Readonly<Record<string, () => object>> = {
  'host-local': () => ({ dataDir: at('networks') }),
  dhcp: () => ({ daemonSocketPath: dhcp.socket }),
  // For the host's own name, /etc/realip/token, /etc/realip/ca.crt and /var/lib/realip.
  'realip-ipam': () => ({
    node: 'n1',
    tokenFile: at('tokens/n1'),
    caFile: at('server.crt'),
    stateDir: at('state'),
  }),
};

beforeAll(async () => {
  network = new Network();
  ipam = await startSecured(network.join('server', 5), folder, '10.9.0.5', 8443, ['n1']);
  ipam.prepare({ start: '10.9.1.1', end: '10.9.1.9' });
  dhcp = await DhcpService.start(network.other, network.node);
});

afterAll(async () => {
  await dhcp?.stop();
  await ipam?.stop();
  network?.remove();
  rmSync(folder, { recursive: true });
});

function pluginOf({ ipam: documented, ...conf }: Example): Plugin {
  const section = { ...documented, ...substitutions[documented.type]?.() };
  return conf.type === 'realip'
    ? new DelegatingPlugin(network.node, section, conf)
    : new UpstreamPlugin(network.node, conf.type, { ...conf, ipam: section });
}

const shared = examples
  .filter((example) => !isOurs(example))
  .map((example, index) => [JSON.stringify(example), example, `d${index}`] as const);

test.each(shared)('%s', (_, example, id) => {
  const plugin = pluginOf(example);
  const pod = network.pod(id);
  const { status, json: prevResult } = plugin.add(id, pod);
  expect(status).toBe(0);
  expect(pod.ask('link show eth0')[0].linkinfo.info_kind).toBe('macvlan');
  expect(network.other.reaches(prevResult.ips[0].address.replace(/\/.*/, ''))).toBe(true);
  expect(pod.ask('route show default')).toMatchObject([{ gateway: '10.9.0.1' }]);
  expect(plugin.check(id, pod, prevResult)).toMatchObject({ status: 0, stdout: '' });
  expect(plugin.del(id, pod.path, { conf: { prevResult } })).toMatchObject({ status: 0, stdout: '' });
  expect(pod.ask('link show')).toHaveLength(1);
  expect(network.node.ask('route show proto 82')).toEqual([]);
  expect(ipam.allocated()).toEqual([]);
});
