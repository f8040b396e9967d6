import { makeLan, put } from './lan.ts';
import { type Server, startServer } from './process.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer('memory:');
  await makeLan(server, {
    excludes: ['10.9.0.2', '10.9.0.10-10.9.0.20'],
    routes: [{ dst: '10.20.0.0/16', gw: '10.9.0.2' }],
    dns: { search: ['corp.example', 'example'] },
  });
  await put(server, '/v1/reservations/erp', {
    addresses: ['10.9.3.1', '10.9.3.2'],
    owner: { namespace: 'shop', kind: 'StatefulSet', name: 'web' },
    comment: '=HYPERLINK("http://example"), said the admin',
  });
});
afterAll(() => server.stop());

const table = (kind: string, query = '') =>
  server.call('GET', `/v1/${kind}${query}`, undefined, { headers: { accept: 'text/csv' } });

/** The cells of one object, by title; the cells of these tests have no line breaks. */
function cells(text: string, row = 1): Record<string, string> {
  const [titles = '', ...rows] = text.split('\r\n');
  const values = [...(rows[row - 1] ?? '').matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)];
  return Object.fromEntries(
    titles.split(',').map((title, index) => {
      const [, inQuotes, plain = ''] = values[index] ?? [];
      return [title, inQuotes?.replaceAll('""', '"') ?? plain];
    }),
  );
}

test('subnets, ranges and reservations come as tables for spreadsheets', async () => {
  const subnets = await table('subnets');
  expect(subnets.headers).toMatchObject({
    'content-type': 'text/csv; charset=utf-8; header=present',
    'content-disposition': 'attachment; filename="subnets.csv"',
    vary: 'accept',
  });
  expect(cells(subnets.text)).toMatchObject({
    name: 'lan',
    zone: 'real',
    cidr: '10.9.0.0/16',
    vlan: '',
    excludes: '10.9.0.2 10.9.0.10-10.9.0.20',
    routes: '[{"dst":"10.20.0.0/16","gw":"10.9.0.2"}]',
    'dns.search': 'corp.example example',
    'dns.nameservers': '',
  });
  expect(cells((await table('ranges')).text)).toMatchObject({ name: 'shared', start: '10.9.1.0', node: '' });
});

test('what a spreadsheet would run as a formula comes as a text', async () => {
  expect(cells((await table('reservations')).text)).toMatchObject({
    name: 'erp',
    addresses: '10.9.3.1 10.9.3.2',
    'owner.kind': 'StatefulSet',
    comment: '\'=HYPERLINK("http://example"), said the admin',
  });
});

test('a table is whole, however long, and in the order of names', async () => {
  for (let first = 0; first < 1100; first += 100) {
    const some = Array.from({ length: 100 }, (_, i) =>
      put(server, `/v1/zones/z${first + i}`, { type: 'overlay' }),
    );
    await Promise.all(some);
  }
  const names = (await table('zones')).text.split('\r\n').map((line) => line.split(',')[0] ?? '');
  expect(names).toHaveLength(1 + 1101 + 1);
  expect(names.slice(1, -1)).toEqual(names.slice(1, -1).toSorted());
  for (const query of ['?limit=10', '?cursor=x']) {
    expect(await table('zones', query)).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST' } });
  }
});

test('who does not ask for a table gets JSON', async () => {
  for (const accept of ['*/*', 'application/json', 'text/*', 'text/csvx']) {
    const { body } = await server.call('GET', '/v1/subnets', undefined, { headers: { accept } });
    expect(body.items).toHaveLength(1);
  }
});
