import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { newFolder, program, type Server, startServer } from '../server/process.ts';
import { blocks } from './operations-page.ts';

const token = 'of-the-admin';
const folder = newFolder();
const file = (name: string) => join(folder.path, name);
const store = file('ipam.db');
let server: Server;

const shell = blocks.filter(({ kind }) => kind === 'sh' || kind === 'sh stopped');
/** What all other lines of the page suppose. */
const [definition] = shell;

async function start(): Promise<void> {
  server = await startServer(`sqlite:${store}`, '--tokens', file('tokens.yaml'));
}

beforeAll(async () => {
  const tokenSha256 = createHash('sha256').update(token).digest('hex');
  writeFileSync(file('tokens.yaml'), `tokens: [{tokenSha256: ${tokenSha256}, role: admin, name: admin}]\n`);
  writeFileSync(file('admin-token'), token);
  mkdirSync(file('bin'));
  writeFileSync(file('bin/realip-ipam-server'), `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`);
  chmodSync(file('bin/realip-ipam-server'), 0o755);
  await start();
  // What docs/install.md leaves.
  for (const [path, body] of [
    ['zones/real', { type: 'macvlan' }],
    ['subnets/lan', { zone: 'real', cidr: '10.9.0.0/16', gateway: '10.9.0.1' }],
    ['nodes/mac-1', { zone: 'real' }],
    ['nodes/mac-2', { zone: 'real' }],
    ['ranges/mac-1', { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.255', node: 'mac-1' }],
    ['ranges/mac-2', { subnet: 'lan', start: '10.9.2.0', end: '10.9.2.255', node: 'mac-2' }],
    ['ranges/shared', { subnet: 'lan', start: '10.9.3.0', end: '10.9.3.255' }],
  ] as const) {
    expect((await call('PUT', path, body)).status).toBe(201);
  }
});
afterAll(async () => {
  await server?.stop();
  folder.remove();
});

const call = (method: string, path: string, body?: object) =>
  server.call(method, `/v1/${path}`, body, { token });
const stateOf = async (ip: string) => (await call('GET', `addresses/${ip}`)).body.state;

async function allocate(node: string, containerId: string, more: object = {}): Promise<string> {
  const attachment = { node, network: 'real', containerId, ifname: 'eth0' };
  const { status, body } = await call('POST', 'allocations', { ...attachment, ...more });
  return status === 201 ? body.ips[0].address.replace(/\/.*/, '') : body.code;
}

/** Runs the next blocks of the page, up to and with the one that has these words; @returns what they print */
function runTo(words: string): string {
  const end = shell.findIndex(({ text }, index) => index >= done && text.includes(words));
  expect([words, end]).not.toEqual([words, -1]);
  const script = [definition, ...shell.slice(done, end + 1)]
    .map((block) => block?.text ?? '')
    .join('\n')
    .replaceAll('https://$IPAM_ADDRESS:8443', server.url)
    .replaceAll('/var/lib/realip-ipam-server/ipam.db', store);
  done = end + 1;
  const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
    cwd: folder.path,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${file('bin')}:${process.env['PATH']}` },
  });
  expect([status, stderr.replace(/^.*ExperimentalWarning.*$|^\(Use .*$/gm, '').trim()]).toEqual([0, '']);
  return stdout;
}
let done = 1;

test('the lines of docs/operations.md, in their order, do what it says', async () => {
  const [own, far] = [await allocate('mac-1', 'a'), await allocate('mac-2', 'b')];
  expect(runTo('sqlite:before-upgrade.db')).toContain('is whole');
  expect(runTo('sqlite:ledger.db')).toContain('is whole');
  const lost = await allocate('mac-1', 'made-after-the-backup');

  expect(JSON.parse(runTo('fence?dryRun=true'))).toMatchObject({ dryRun: true });
  expect(await stateOf(far)).toBe('allocated');
  runTo('POST nodes/mac-2:fence');
  expect(await stateOf(far)).toBe('cooling');
  runTo('DELETE nodes/mac-2');
  expect((await call('GET', 'nodes/mac-2')).status).toBe(404);
  expect((await call('GET', 'ranges/mac-2')).body.node).toBe('mac-1');

  await server.stop();
  runTo('restore --from ledger.db');
  await start();
  expect(await Promise.all([own, far, lost].map(stateOf))).toEqual(['allocated', 'allocated', 'free']);
  expect(await allocate('mac-1', 'c')).toBe('EPOCH_PENDING');
  expect(JSON.parse(runTo('GET epoch'))).toMatchObject({ waitingFor: ['mac-1', 'mac-2'] });
  runTo('epoch:waive');
  expect(await allocate('mac-1', 'c')).toMatch(/^10\.9\.1\./);

  runTo('PUT nodes/mac-3');
  expect(await allocate('mac-3', 'd')).toMatch(/^10\.9\.4\./);
  await call('DELETE', 'allocations/real/d/eth0');
  runTo('DELETE nodes/mac-3');
  expect(JSON.parse(runTo('PUT ranges/more').match(/\{"total".*\}/)?.[0] ?? '{}').total).toBeGreaterThan(700);
  const kept = await allocate('mac-2', 'in-the-shared-range', { addresses: ['10.9.3.7'] });
  runTo("'ranges/more?drain=true'");
  expect((await call('GET', 'ranges/more')).status).toBe(404);
  runTo('PUT ranges/business');
  expect(await stateOf(kept)).toBe('allocated');
  expect(done).toBe(shell.length);
});
