import fc from 'fast-check';
import { makeLan } from './lan.ts';
import { type Server, startServer } from './process.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer('memory:');
  await makeLan(server);
});
afterAll(() => server.stop());

const words = [
  'real',
  'lan',
  'shared',
  'n1',
  '10.9.1.7',
  '10.9.0.0/16',
  'fd00::/64',
  '::',
  '__proto__',
  'eth0',
  '',
];
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<unknown>(...words, 0, -1, 1e308, true, null, [], {}) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);
const fields = [
  ...['type', 'macPrefix', 'zone', 'cidr', 'gateway', 'excludes', 'routes', 'dns', 'vlan', 'cooldownSeconds'],
  ...['subnet', 'start', 'end', 'node', 'disabled', 'network', 'containerId', 'ifname', 'pod', 'mac'],
  ...['addresses', 'families', 'name', 'constructor', 'allocate', 'release'],
  ...['owner', 'expiresAt', 'comment'],
];
const body = fc.dictionary(fc.constantFrom(...fields), value, { maxKeys: 8 });
const segment = fc.oneof(fc.constantFrom(...words), fc.string({ unit: 'binary', maxLength: 8 }));
const path = fc.oneof(
  fc.tuple(fc.constantFrom('zones', 'subnets', 'ranges', 'nodes', 'reservations', 'addresses'), segment),
  fc.tuple(fc.constant('allocations'), segment, segment, segment),
  fc.constant(['allocations']),
  fc.constant(['allocations:batch']),
  fc.tuple(
    fc.constant('addresses'),
    segment.map((text) => `${text}:conflict`),
  ),
  fc.tuple(fc.constantFrom('subnets', 'nodes'), segment, fc.constantFrom('map', 'usage')),
  fc.tuple(fc.constant('addresses'), segment, fc.constant('history')),
  fc.constant(['events']),
);
const query = fc.oneof(
  fc.constant(''),
  fc.tuple(
    fc.constantFrom('limit', 'cursor', 'since', 'at', 'type', 'generation', 'node', 'pod', 'ip', 'mac'),
    segment,
  ),
);

/** Percent-encoded, dots too, lest the client take `..` for a step up. */
const encoded = (text: string) => encodeURIComponent(text).replaceAll('.', '%2E');

test('whatever is sent, the answer is never a 5xx, and every error is a problem', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'PATCH'),
      path,
      query,
      fc.option(body),
      async (method, parts, asked, json) => {
        const search = asked === '' ? '' : `?${asked[0]}=${encoded(asked[1] ?? '')}`;
        const url = `/v1/${parts.map(encoded).join('/')}${search}`;
        const answer = await server.call(method, url, json ?? undefined);
        expect(answer.status).toBeLessThan(500);
        if (answer.status >= 400) {
          expect(answer.body).toMatchObject({
            status: answer.status,
            code: expect.stringMatching(/^[A-Z_]+$/),
          });
        }
      },
    ),
    { numRuns: 1500 },
  );
}, 60_000);
