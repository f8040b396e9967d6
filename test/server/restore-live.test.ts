import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocate, makeLan, put, release } from './lan.ts';
import { newFolder, program, type Server, startServer } from './process.ts';

const folder = newFolder();
afterAll(() => folder.remove());

let server: Server;
afterEach(() => server?.stop());

/** Pods of a node as its network namespaces show them: container to address. */
type Pods = Record<string, string>;

async function start(container: string, node: string): Promise<Pods> {
  const { status, body } = await allocate(server, container, { node });
  expect(status).toBe(201);
  return { [container]: body.ips[0].address.replace(/\/.*/, '') };
}

const sync = async (node: string, pods: Pods, epoch?: number) => {
  const attachments = Object.entries(pods).map(([containerId, address]) => ({
    network: 'realip',
    containerId,
    ifname: 'eth0',
    addresses: [address],
  }));
  return (await server.call('POST', `/v1/nodes/${node}:sync`, { attachments, epoch })).body;
};

test('restore of an old backup under live pods: they are adopted, and nothing is given twice', async () => {
  const ledger = join(folder.path, 'ipam.db');
  const backup = join(folder.path, 'backup.db');
  server = await startServer(`sqlite:${ledger}`);
  await makeLan(server, { end: '10.9.1.7', cooldownSeconds: 0 });
  await put(server, '/v1/nodes/n2', { zone: 'real' });
  const first = { ...(await start('stays', 'n1')) };
  const gone = await start('gone', 'n2');
  const copy = await fetch(`${server.url}/v1/backup`);
  writeFileSync(backup, Buffer.from(await copy.arrayBuffer()));

  // Life goes on after the backup: a pod ends, and its address goes to another node's pod.
  await release(server, 'gone');
  let heir: Pods = {};
  for (let i = 0; Object.values(heir)[0] !== gone['gone']; i++) {
    heir = await start(`heir-${i}`, 'n1');
    if (Object.values(heir)[0] !== gone['gone']) {
      await release(server, `heir-${i}`);
    }
  }
  const later = await start('later', 'n2');
  await server.stop('SIGKILL');

  const restored = join(folder.path, 'restored.db');
  execFileSync(process.execPath, [program, 'restore', '--from', backup, '--to', `sqlite:${restored}`]);
  server = await startServer(`sqlite:${restored}`);
  expect((await allocate(server, 'too-early')).body).toMatchObject({ code: 'EPOCH_PENDING', epoch: 2 });
  expect((await sync('n1', {}, 1)).code).toBe('EPOCH_MISMATCH');
  const told = await sync('n1', { ...first, ...heir });
  expect(told).toMatchObject({ epoch: 2, adopted: [], release: [] });
  // The ledger still has it with a pod that the other node has not denied yet.
  expect(told.conflicts).toMatchObject([{ address: gone['gone'], code: 'ADDRESS_IN_USE' }]);
  expect((await allocate(server, 'too-early')).body.waitingFor).toEqual(['n2']);
  expect((await sync('n2', later)).adopted).toMatchObject([{ containerId: 'later' }]);

  const deadline = Date.now() + 30_000;
  for (let adopted = 0; adopted === 0 && Date.now() < deadline; ) {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await sync('n2', later);
    adopted = (await sync('n1', { ...first, ...heir })).adopted.length;
  }
  const held = async () => {
    const { body } = await server.call('GET', '/v1/allocations');
    return body.items.map(
      ({ containerId, node, ips }: { containerId: string; node: string; ips: { address: string }[] }) =>
        [containerId, node, ips[0]?.address.replace(/\/.*/, '')].join(' '),
    );
  };
  const truth = [
    ...Object.entries({ ...first, ...heir }).map(([container, address]) => `${container} n1 ${address}`),
    ...Object.entries(later).map(([container, address]) => `${container} n2 ${address}`),
  ];
  expect((await held()).sort()).toEqual(truth.sort());
  const live = new Set(Object.values({ ...first, ...heir, ...later }));
  for (let i = 0; i < 8 - live.size; i++) {
    const { status, body } = await allocate(server, `new-${i}`);
    expect(status).toBe(201);
    expect(live).not.toContain(body.ips[0].address.replace(/\/.*/, ''));
  }
  expect((await allocate(server, 'one-too-many')).body.code).toBe('RANGE_EXHAUSTED');
});
