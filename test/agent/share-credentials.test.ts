import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../server/until.ts';
import { addressesOf } from './agent-node.ts';
import { Program } from './program.ts';
import { Site } from './site.ts';

let site: Site;
/** As a kubelet mounts it. */
let mounted: string;
/** Where the conf list says that the plugin reads it. */
let shared: string;
let conf: string;
beforeAll(async () => {
  site = await Site.open();
  const { node, server, folder } = site;
  mounted = join(folder, 'mounted-token');
  shared = join(folder, 'of-the-plugin/token');
  conf = join(folder, 'wanted.conflist');
  writeFileSync(mounted, readFileSync(server.tokenFile('n1')));
  writeFileSync(conf, listWith({ ...(node.plugin.conf['ipam'] as object), tokenFile: shared }));
  await node.startAgent('--token-file', mounted, '--conf', conf, '--share-credentials');
}, 400_000);
afterAll(() => site?.close());

function listWith(ipam: object): string {
  const plugins = [{ type: 'realip', master: 'eth0', ipam: { type: 'realip-ipam', ...ipam } }];
  return JSON.stringify({ cniVersion: '1.0.0', name: 'real', plugins });
}

const copy = () => readFileSync(shared, 'utf8');

test('once the agent is ready its token is where the plugin reads it, for root alone', () => {
  expect(copy()).toBe(readFileSync(mounted, 'utf8'));
  expect(statSync(shared).mode & 0o777).toBe(0o600);
});

test('a token that is renewed is copied again; one that is gone leaves the copy', async () => {
  const good = copy();
  writeFileSync(`${mounted}.new`, `${good}\n`);
  renameSync(`${mounted}.new`, mounted);
  await until('the copy is renewed', () => copy() === `${good}\n`, 60_000);
  renameSync(mounted, `${mounted}.gone`);
  await until('the log says it', () => site.node.agent.output.includes('can’t be kept'), 60_000);
  expect(copy()).toBe(`${good}\n`);
  renameSync(`${mounted}.gone`, mounted);
});

test('with it the plugin asks the server itself while the agent is away', async () => {
  const { node } = site;
  await node.killAgent();
  const ipam = { ...(node.plugin.conf['ipam'] as object), tokenFile: shared };
  const answer = node.add('alone', { conf: { ipam } });
  expect(answer).toMatchObject({ status: 0 });
  expect(addressesOf(answer)).toHaveLength(1);
  expect(node.del('alone', { conf: { ipam } }).status).toBe(0);
});

test('without a place for it the agent refuses to start, and says what is missing', async () => {
  const { node, server, folder } = site;
  writeFileSync(conf, listWith({ server: server.url }));
  const words = node.agentCommand('--conf', conf, '--share-credentials');
  const refused = new Program(node.host, words, join(folder, 'refused.log'));
  expect(await refused.ended()).toBe(1);
  expect(refused.output).toContain('ipam.tokenFile');
});
