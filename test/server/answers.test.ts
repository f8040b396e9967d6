import { Description } from './description.ts';
import { makeLan, put, request } from './lan.ts';
import { type Server, startServer } from './process.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer('memory:');
  await makeLan(server, { vlan: 7, dns: { search: ['corp.example'] }, routes: [{ dst: '10.20.0.0/16' }] });
  await put(server, '/v1/subnets/six', { zone: 'real', cidr: 'fd00:9::/64', gateway: 'fe80::1' });
  await put(server, '/v1/ranges/six', { subnet: 'six', start: 'fd00:9::1', end: 'fd00:9::ffff' });
});
afterAll(() => server.stop());

const pod = { namespace: 'shop', name: 'web-0', uid: 'u', owner: { kind: 'StatefulSet', name: 'web' } };
const conflict = '/v1/addresses/{ip}:conflict';
const batch = '/v1/allocations:batch';
const attached = { network: 'realip', containerId: 'c3', ifname: 'eth0' };
const shown = { network: 'realip', containerId: 'c8', ifname: 'eth0', addresses: ['10.9.9.8', '10.99.0.1'] };
const attachment = '/v1/allocations/{network}/{containerId}/{ifname}';

/** A call of each operation that succeeds, and some that do not, in an order that works. */
const calls: [method: string, template: string, path: string, body: unknown, status: number][] = [
  ['put', '/v1/zones/{zone}', '/v1/zones/z', { type: 'overlay', macPrefix: '02:01', description: 'x' }, 201],
  ['put', '/v1/zones/{zone}', '/v1/zones/z', { type: 'overlay' }, 200],
  ['put', '/v1/zones/{zone}', '/v1/zones/Z', { type: 'overlay' }, 400],
  ['get', '/v1/zones/{zone}', '/v1/zones/z', undefined, 200],
  ['get', '/v1/zones/{zone}', '/v1/zones/none', undefined, 404],
  ['delete', '/v1/zones/{zone}', '/v1/zones/z', undefined, 204],
  ['delete', '/v1/zones/{zone}', '/v1/zones/real', undefined, 409],
  ['get', '/v1/zones', '/v1/zones', undefined, 200],
  [
    'put',
    '/v1/reservations/{reservation}',
    '/v1/reservations/r',
    { addresses: ['10.9.9.9'], pod: { namespace: 'shop', name: 'db' } },
    201,
  ],
  ['put', '/v1/reservations/{reservation}', '/v1/reservations/s', { addresses: ['10.9.9.9'] }, 409],
  ['get', '/v1/reservations/{reservation}', '/v1/reservations/r', undefined, 200],
  ['get', '/v1/reservations', '/v1/reservations', undefined, 200],
  ['delete', '/v1/reservations/{reservation}', '/v1/reservations/r', undefined, 204],
  ['put', '/v1/subnets/{subnet}', '/v1/subnets/s', { zone: 'real', cidr: '10.8.0.0/24' }, 201],
  ['get', '/v1/subnets/{subnet}', '/v1/subnets/lan', undefined, 200],
  ['get', '/v1/subnets', '/v1/subnets', undefined, 200],
  ['put', '/v1/ranges/{range}', '/v1/ranges/r', { subnet: 's', start: '10.8.0.1', end: '10.8.0.2' }, 201],
  ['get', '/v1/ranges/{range}', '/v1/ranges/r', undefined, 200],
  ['get', '/v1/ranges', '/v1/ranges', undefined, 200],
  ['delete', '/v1/ranges/{range}', '/v1/ranges/r', undefined, 204],
  ['delete', '/v1/subnets/{subnet}', '/v1/subnets/s', undefined, 204],
  ['put', '/v1/nodes/{node}', '/v1/nodes/n2', { zone: 'real' }, 201],
  ['get', '/v1/nodes/{node}', '/v1/nodes/n2', undefined, 200],
  ['get', '/v1/nodes', '/v1/nodes', undefined, 200],
  [
    'post',
    '/v1/nodes/{node}:sync',
    '/v1/nodes/n2:sync',
    { attachments: [shown], addresses: ['10.9.0.9'] },
    200,
  ],
  ['post', '/v1/nodes/{node}:sync', '/v1/nodes/n9:sync', { attachments: [] }, 409],
  ['put', '/v1/nodes/{node}/reserve', '/v1/nodes/n2/reserve', { hold: [], want: { lan: 2, six: 1 } }, 200],
  ['put', '/v1/nodes/{node}/reserve', '/v1/nodes/n2/reserve', { hold: [], want: { nowhere: 2 } }, 409],
  ['get', '/v1/nodes/{node}/status', '/v1/nodes/n2/status', undefined, 200],
  ['post', '/v1/nodes/{node}:fence', '/v1/nodes/n2:fence?dryRun=true', undefined, 200],
  ['post', '/v1/nodes/{node}:fence', '/v1/nodes/n2:fence', undefined, 200],
  ['get', '/v1/epoch', '/v1/epoch', undefined, 200],
  ['post', '/v1/epoch:waive', '/v1/epoch:waive', undefined, 200],
  ['delete', '/v1/nodes/{node}', '/v1/nodes/n2', undefined, 204],
  ['post', '/v1/allocations', '/v1/allocations', request('c1', { pod }), 201],
  ['post', '/v1/allocations', '/v1/allocations', request('c1'), 200],
  ['post', '/v1/allocations', '/v1/allocations', request('c2', { node: 'n9' }), 409],
  ['post', '/v1/allocations', '/v1/allocations', request('c2'), 201],
  ['delete', attachment, '/v1/allocations/realip/c2/eth0', undefined, 204],
  ['get', '/v1/allocations', '/v1/allocations?limit=1', undefined, 200],
  ['post', batch, '/v1/allocations:batch', { release: [attached], allocate: [request('c3')] }, 200],
  ['post', batch, '/v1/allocations:batch', { allocate: [request('c4', { node: 'n9' })] }, 200],
  ['post', batch, '/v1/allocations:batch', { release: [attached], allocate: [{}] }, 200],
  ['post', batch, '/v1/allocations:batch', { release: {} }, 400],
  ['get', '/v1/addresses/{ip}', '/v1/addresses/10.9.1.0', undefined, 200],
  ['get', '/v1/addresses/{ip}', '/v1/addresses/10.9.1.1', undefined, 200],
  ['get', '/v1/addresses/{ip}', '/v1/addresses/10.9.0.1', undefined, 200],
  ['post', conflict, '/v1/addresses/10.9.1.1:conflict', { node: 'n1', mac: '52:54:00:12:34:56' }, 200],
  ['post', conflict, '/v1/addresses/10.9.1.0:conflict', { node: 'n1', mac: '52:54:00:12:34:56' }, 200],
  ['get', '/v1/addresses/{ip}', '/v1/addresses/10.9.1.1', undefined, 200],
  ['get', '/v1/addresses/{ip}', '/v1/addresses/10.9.1.0', undefined, 200],
  ['get', '/v1/addresses/{ip}/history', '/v1/addresses/10.9.1.1/history', undefined, 200],
  ['get', '/v1/addresses/{ip}/history', '/v1/addresses/10.9.1.0/history?limit=1', undefined, 200],
  ['get', '/v1/addresses/{ip}/history', '/v1/addresses/10.99.0.1/history', undefined, 404],
  ['get', '/v1/events', '/v1/events', undefined, 200],
  ['get', '/v1/events', '/v1/events?limit=1&type=allocated', undefined, 200],
  ['get', '/v1/events', '/v1/events?since=100000', undefined, 410],
  ['get', '/v1/watch', '/v1/watch?since=100000', undefined, 410],
  ['get', '/v1/subnets/{subnet}/usage', '/v1/subnets/lan/usage', undefined, 200],
  ['get', '/v1/nodes/{node}/usage', '/v1/nodes/n1/usage', undefined, 200],
  ['get', '/v1/nodes/{node}/usage', '/v1/nodes/n9/usage', undefined, 404],
  ['get', '/v1/subnets/{subnet}/map', '/v1/subnets/lan/map?limit=5', undefined, 200],
  ['post', '/v1/zones:import', '/v1/zones:import', 'name,type\ntest,overlay\n', 200],
  ['post', '/v1/subnets:import', '/v1/subnets:import', 'name,zone,cidr\nt,test,10.5.0.0/16\n', 200],
  ['post', '/v1/ranges:import', '/v1/ranges:import?dryRun=true', 'name,subnet,start,end\n', 200],
  ['post', '/v1/ranges:import', '/v1/ranges:import', 'name\nr\n', 400],
  ['post', '/v1/reservations:import', '/v1/reservations:import', 'name,addresses\nvm,10.5.0.9\n', 200],
  ['get', '/healthz', '/healthz', undefined, 200],
  ['get', '/readyz', '/readyz', undefined, 200],
  ['get', '/', '/', undefined, 200],
  ['get', '/openapi.json', '/openapi.json', undefined, 200],
  ['get', '/metrics', '/metrics', undefined, 200],
  ['get', '/v1/backup', '/v1/backup', undefined, 409],
];

test('every call of /openapi.json can be made, and is answered as it says', async () => {
  const { body } = await server.call('GET', '/openapi.json');
  const description = new Description(body);
  const tried = new Set<string>();
  for (const [method, template, path, json, status] of calls) {
    const name = `${method.toUpperCase()} ${template}`;
    // The harness holds each answer against the description.
    const answer =
      typeof json === 'string'
        ? await server.call(method.toUpperCase(), path, undefined, {
            raw: json,
            headers: { 'content-type': 'text/csv' },
          })
        : await server.call(method.toUpperCase(), path, json);
    expect([name, answer.status]).toEqual([name, status]);
    tried.add(name);
  }
  const described = description.operations.map(({ method, template }) => `${method} ${template}`);
  expect([...tried].sort()).toEqual(described.sort());
});
