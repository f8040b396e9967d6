import { makeLan, put } from './lan.ts';
import { type Server, startServer } from './process.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer('memory:');
  await makeLan(server);
  await put(server, '/v1/zones/other', { type: 'overlay' });
  await put(server, '/v1/reservations/vm', { addresses: ['10.9.3.1'] });
});
afterAll(() => server.stop());

/** An object of each kind, as one and as another admin would leave it. */
const edits: [path: string, one: object, another: object][] = [
  ['/v1/zones/other', { type: 'overlay', description: 'one' }, { type: 'overlay', description: 'another' }],
  [
    '/v1/subnets/lan',
    { zone: 'real', cidr: '10.9.0.0/16', cooldownSeconds: 1 },
    { zone: 'real', cidr: '10.9.0.0/16', cooldownSeconds: 2 },
  ],
  [
    '/v1/ranges/shared',
    { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.99' },
    { subnet: 'lan', start: '10.9.1.0', end: '10.9.1.199' },
  ],
  ['/v1/nodes/n1', { zone: 'real' }, { zone: 'other' }],
  [
    '/v1/reservations/vm',
    { addresses: ['10.9.3.1'], comment: 'one' },
    { addresses: ['10.9.3.2'], comment: 'another' },
  ],
];

test.each(edits)(
  'of two admins who edit %s at once, one is told that it has changed',
  async (path, one, another) => {
    const { headers } = await server.call('GET', path);
    const matching = { headers: { 'if-match': String(headers['etag']) } };
    const answers = await Promise.all([
      server.call('PUT', path, one, matching),
      server.call('PUT', path, another, matching),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    const kept = answers[0].status === 200 ? one : another;
    const now = await server.call('GET', path);
    expect(now.body).toMatchObject(kept);
    expect(now.headers['etag']).toBe(answers.find(({ status }) => status === 200)?.headers['etag']);
    // Neither does a deletion by what one had read before meet what the other has made of it.
    expect(await server.call('DELETE', path, undefined, matching)).toMatchObject({
      status: 412,
      body: { code: 'PRECONDITION_FAILED' },
    });
    expect((await server.call('GET', path)).body).toEqual(now.body);
  },
);
