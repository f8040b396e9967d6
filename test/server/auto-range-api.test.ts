import { allocate, put, release } from './lan.ts';
import { newFolder, startServer } from './process.ts';

test('over the API: the ranges are listed with their node, outlive a restart, and go with the node', async () => {
  const folder = newFolder();
  const store = `sqlite:${folder.path}/ipam.db`;
  let server = await startServer(store);
  try {
    await put(server, '/v1/zones/real', { type: 'macvlan' });
    const lan = { zone: 'real', cidr: '10.9.0.0/16', gateway: '10.9.0.1', autoRange: { size: 4 } };
    expect((await server.call('PUT', '/v1/subnets/lan', lan)).body).toEqual(lan);
    await put(server, '/v1/nodes/n1', { zone: 'real' });
    for (const n of [1, 2, 3]) {
      expect((await allocate(server, `c${n}`)).status).toBe(201);
    }
    await server.stop();
    server = await startServer(store);
    const { body } = await server.call('GET', '/v1/ranges');
    expect(body.items).toEqual([
      { name: 'auto-lan-n1-1', subnet: 'lan', node: 'n1', start: '10.9.0.0', end: '10.9.0.3' },
      { name: 'auto-lan-n1-2', subnet: 'lan', node: 'n1', start: '10.9.0.4', end: '10.9.0.7' },
    ]);
    expect((await server.call('GET', '/v1/nodes/n1/usage')).body.families).toMatchObject([
      { exhausted: false },
    ]);
    expect((await server.call('DELETE', '/v1/ranges/auto-lan-n1-1')).body.code).toBe('IN_USE');
    expect((await server.call('DELETE', '/v1/subnets/lan')).body.code).toBe('IN_USE');
    for (const n of [1, 2, 3]) {
      await release(server, `c${n}`);
    }
    expect((await server.call('DELETE', '/v1/nodes/n1')).status).toBe(204);
    expect((await server.call('GET', '/v1/ranges')).body.items).toEqual([]);
    await put(server, '/v1/nodes/n2', { zone: 'real' });
    expect((await server.call('DELETE', '/v1/subnets/lan')).status).toBe(204);
    expect((await server.call('GET', '/v1/ranges')).body.items).toEqual([]);
    const large = { ...lan, autoRange: { size: 131_072 } };
    const refused = await server.call('PUT', '/v1/subnets/lan', large);
    expect(refused).toMatchObject({ status: 400, body: { field: 'autoRange.size' } });
  } finally {
    await server.stop();
    folder.remove();
  }
});
