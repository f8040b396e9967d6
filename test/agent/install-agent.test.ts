import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '../server/until.ts';
import { Installer } from './installer.ts';
import { Site } from './site.ts';

let site: Site;
let installer: Installer;
beforeEach(async () => {
  site = await Site.open({ cooldownSeconds: 0 });
  installer = new Installer(site.node.host);
  installer.write({ ipam: site.node.plugin.conf['ipam'] });
});
afterEach(async () => {
  installer.close();
  await site.close();
});

test('the conf list appears once the agent that it names is ready, also with the server away', async () => {
  const { node, server } = site;
  await server.stop();
  const conf = join(installer.folder, 'wanted.conflist');
  const installed = installer.start(['--conf', conf, '--wait', '30s']);
  await until('the executables are there', () => existsSync(`${installer.program}-ipam`));
  expect(existsSync(installer.conf)).toBe(false);
  await node.startAgent();
  expect(await installed).toBe(0);
  expect(readFileSync(installer.conf)).toEqual(readFileSync(conf));
});

test('a removal says that the agent still runs, and purges nothing below it', async () => {
  const { node } = site;
  await node.startAgent();
  const flags = ['--socket', node.socket];
  expect(installer.run(['--conf', join(installer.folder, 'wanted.conflist'), ...flags]).status).toBe(0);
  const refused = installer.remove('--purge', ...flags);
  expect(refused.stderr).toContain('INSTALL_AGENT_RUNS');
  expect(refused.status).toBe(1);
  const { status, stdout } = installer.remove(...flags);
  expect(stdout).toContain(`left: the agent at ${node.socket}`);
  expect(status).toBe(0);
  await node.killAgent();
  expect(installer.remove('--purge', ...flags).status).toBe(0);
  expect(existsSync(installer.state)).toBe(false);
});

test('a purge takes the dead agent’s socket and its lock, too', async () => {
  const { node } = site;
  await node.startAgent();
  const flags = ['--socket', node.socket];
  expect(installer.run(['--conf', join(installer.folder, 'wanted.conflist'), ...flags]).status).toBe(0);
  await node.killAgent();
  expect([node.socket, `${node.socket}.lock`].map((path) => existsSync(path))).toEqual([true, true]);
  expect(installer.remove('--purge', ...flags).status).toBe(0);
  expect([node.socket, `${node.socket}.lock`].map((path) => existsSync(path))).toEqual([false, false]);
});
