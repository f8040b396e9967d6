import { makeLan, put, request } from './lan.ts';
import { type Server, startServer } from './process.ts';

let server: Server;
let other: Server;
beforeAll(async () => {
  server = await startServer('memory:');
  other = await startServer('memory:');
  await makeLan(server, {
    excludes: ['10.9.0.2', '10.9.0.10-10.9.0.20'],
    routes: [{ dst: '10.20.0.0/16', gw: '10.9.0.2' }],
    dns: { search: ['corp.example', 'example'] },
  });
  await put(server, '/v1/ranges/own', {
    subnet: 'lan',
    start: '10.9.2.0',
    end: '10.9.2.9',
    match: { namespaces: ['shop-*'], podLabels: { tier: 'd"b', '': ',' } },
  });
  await put(server, '/v1/reservations/erp', {
    addresses: ['10.9.3.1', '10.9.3.2'],
    owner: { namespace: 'shop', kind: 'StatefulSet', name: 'web' },
    comment: '=HYPERLINK("http://example"), said\r\nthe admin',
  });
});
afterAll(async () => {
  await server.stop();
  await other.stop();
});

const table = async (kind: string, from = server) =>
  (await from.call('GET', `/v1/${kind}`, undefined, { headers: { accept: 'text/csv' } })).text;
const send = (kind: string, raw: string | Uint8Array, query = '', to = server, type = 'text/csv') =>
  to.call('POST', `/v1/${kind}:import${query}`, undefined, { raw, headers: { 'content-type': type } });
const events = async (from = server) => (await from.call('GET', '/v1/events?limit=1000')).body.items.length;
const titles = 'name,subnet,start,end\r\n';

test('what one server exports another imports, and it is the same there', async () => {
  for (const kind of ['zones', 'subnets', 'ranges', 'reservations']) {
    const text = await table(kind);
    expect((await send(kind, text, '', other)).body).toMatchObject({ replaced: 0, unchanged: 0 });
    expect(await table(kind, other)).toBe(text);
    const [here, there] = await Promise.all([server, other].map((each) => each.call('GET', `/v1/${kind}`)));
    expect(there?.body).toEqual(here?.body);
  }
});

test('rows that change nothing are not written', async () => {
  const before = await server.call('GET', '/v1/ranges/own');
  const told = await events();
  const { status, body } = await send('ranges', await table('ranges'));
  expect([status, body]).toEqual([200, { created: 0, replaced: 0, unchanged: 2 }]);
  expect((await server.call('GET', '/v1/ranges/own')).headers['etag']).toBe(before.headers['etag']);
  expect(await events()).toBe(told);
});

test('one bad row, and nothing is written, nor any event', async () => {
  const [before, told] = [await table('ranges'), await events()];
  const rows = Array.from({ length: 50 }, (_, i) => `r${i},lan,10.9.8.${i},10.9.8.${i}\r\n`).join('');
  const { status, body } = await send('ranges', `${titles}${rows}last,lan,10.9.8.7,10.9.8.7\r\n`);
  expect([status, body.code]).toEqual([400, 'INVALID_TABLE']);
  expect(body.errors).toEqual([{ line: 52, code: 'RANGE_OVERLAP', detail: expect.stringContaining('last') }]);
  expect([await table('ranges'), await events()]).toEqual([before, told]);
  // The addresses of what was undone may be given by another range.
  expect((await send('ranges', `${titles}wide,lan,10.9.8.0,10.9.8.255\r\n`)).body.created).toBe(1);
  expect(await events()).toBe(told + 1);
  await server.call('DELETE', '/v1/ranges/wide');
});

test('an undone replacement leaves live addresses, and what is given next, as they were', async () => {
  const usage = async () => (await server.call('GET', '/v1/subnets/lan/usage')).body;
  const first = await server.call('POST', '/v1/allocations', request('c1'));
  expect(first.body.ips[0].address).toBe('10.9.1.0/16');
  const before = [await usage(), await table('ranges'), await table('subnets')];
  const wider = `${titles}shared,lan,10.9.1.0,10.9.4.255\r\nown,lan,10.9.5.0,10.9.5.9\r\nbad,none,10.9.7.0,10.9.7.1\r\n`;
  expect((await send('ranges', wider)).body.errors).toEqual([
    { line: 4, code: 'SUBNET_UNKNOWN', detail: expect.any(String) },
  ]);
  expect((await send('ranges', wider.replace(/bad.*\r\n/, ''), '?dryRun=true')).body).toEqual({
    ...{ created: 0, replaced: 2, unchanged: 0, dryRun: true },
  });
  const subnets = 'name,zone,cidr,gateway\r\nlan,real,10.9.0.0/16,10.9.0.1\r\n';
  expect((await send('subnets', subnets, '?dryRun=true')).body).toMatchObject({ replaced: 1 });
  expect([await usage(), await table('ranges'), await table('subnets')]).toEqual(before);
  const second = await server.call('POST', '/v1/allocations', request('c2'));
  expect(second.body.ips[0].address).toBe('10.9.1.1/16');
  const taken = await send('ranges', `${titles}shared,lan,10.9.1.1,10.9.1.255\r\n`);
  expect(taken.body.errors).toMatchObject([{ line: 2, code: 'IN_USE' }]);
});

test('the order of rows does not matter', async () => {
  await send('ranges', `${titles}a,lan,10.9.20.0,10.9.20.9\r\nb,lan,10.9.20.10,10.9.20.19\r\n`);
  // "a" can only take what "b" leaves first.
  const moved = await send(
    'ranges',
    `${titles}a,lan,10.9.20.10,10.9.20.19\r\nb,lan,10.9.20.20,10.9.20.29\r\n`,
  );
  expect([moved.status, moved.body]).toEqual([200, { created: 0, replaced: 2, unchanged: 0 }]);
});

test('every bad row is told, with line and column', async () => {
  const { body } = await send(
    'reservations',
    'name;addresses;pod.namespace\r\nA;10.9.3.9;\r\nb;10.9.3.300;\r\nc;10.9.3.9;shop\r\n',
  );
  expect(body.errors).toEqual([
    { line: 2, column: 'name', code: 'INVALID_NAME', detail: expect.any(String) },
    { line: 3, column: 'addresses', code: 'INVALID_ADDRESS', detail: expect.any(String) },
    { line: 4, column: 'pod.name', code: 'INVALID_REQUEST', detail: expect.stringContaining('missing') },
  ]);
  const many = await send(
    'reservations',
    `name,addresses\n${Array.from({ length: 150 }, (_, i) => `A${i},x\n`).join('')}`,
  );
  expect([many.body.errors.length, many.body.errorCount]).toEqual([100, 150]);
  const long = await send('reservations', `name,addresses\na,${'x'.repeat(1_000_000)}\n`);
  expect([long.status, long.text.length < 5_000]).toEqual([400, true]);
});

test('a spreadsheet’s semicolons and byte order mark are understood; another charset is not', async () => {
  const text = '\uFEFFname;addresses;comment\r\ndrucker;10.9.3.20 10.9.3.21;"Büro; 2. Stock"\r\n';
  expect((await send('reservations', text)).body).toEqual({ created: 1, replaced: 0, unchanged: 0 });
  expect((await server.call('GET', '/v1/reservations/drucker')).body).toEqual({
    name: 'drucker',
    addresses: ['10.9.3.20', '10.9.3.21'],
    comment: 'Büro; 2. Stock',
  });
  const latin = await send('reservations', Buffer.from(text, 'latin1'));
  expect([latin.status, latin.body.code]).toEqual([400, 'INVALID_TABLE']);
});

test('only tables in UTF-8 are taken, and tables only there', async () => {
  for (const type of ['application/json', 'text/plain', 'text/csv; charset=iso-8859-1']) {
    expect(await send('ranges', titles, '', server, type)).toMatchObject({ status: 415 });
  }
  expect(await send('ranges', titles, '', server, 'text/csv; charset=UTF-8; header=present')).toMatchObject({
    status: 200,
    body: { created: 0, replaced: 0, unchanged: 0 },
  });
  const headers = { 'content-type': 'text/csv' };
  const json = await server.call('PUT', '/v1/zones/z', undefined, { raw: '{"type":"overlay"}', headers });
  expect(json.status).toBe(415);
  const long = await server.call('POST', '/v1/ranges:import', undefined, {
    raw: 'n',
    headers: { ...headers, 'content-length': String(8 * 1024 * 1024 + 1) },
  });
  expect([long.status, long.body.detail]).toEqual([413, 'the body has more than 8 MiB']);
});
