import { join } from 'node:path';
import fc from 'fast-check';
import { problemKinds } from '../../core/problem/registry.ts';
import { slowness } from '../../netlink/testing/slowness.ts';
import { Description } from './description.ts';
import { makeLan, put } from './lan.ts';
import { newFolder, type Server, startServer } from './process.ts';
import { callsOf, type FuzzCall } from './request-arbitrary.ts';

const folder = newFolder();
const store = `sqlite:${join(folder.path, 'ledger.db')}`;
const seed = Number(process.env['REALIP_SEED'] ?? Date.now() % 2 ** 31);
/** Milliseconds on a machine that does nothing else; a soak sets more. */
const limit = Number(process.env['REALIP_FUZZ_MS'] ?? 12_000);

let server: Server;
beforeAll(async () => {
  server = await startServer(store);
  await makeLan(server);
  await put(server, '/v1/subnets/six', { zone: 'real', cidr: 'fd00:9::/64' });
  await put(server, '/v1/ranges/six', { subnet: 'six', start: 'fd00:9::1', end: 'fd00:9::ff' });
});
afterAll(async () => {
  await server.stop();
  folder.remove();
});

/** The calls of the description, but for those whose answer never ends. */
async function operations() {
  const { body } = await server.call('GET', '/openapi.json');
  return new Description(body).operations.filter(
    ({ description }) => description.responses['200']?.content?.['text/event-stream'] === undefined,
  );
}

/** The harness holds the answer against the description; here, what a description cannot say. */
async function send({ method, path, headers, raw }: FuzzCall): Promise<void> {
  const answer = await server.call(method, path, undefined, {
    headers,
    ...(raw === undefined ? {} : { raw }),
  });
  const { status, body } = answer;
  expect(status).toBeLessThan(500);
  if (status >= 400) {
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect([body.code, problemKinds[body.code as keyof typeof problemKinds]?.status]).toEqual([
      body.code,
      status,
    ]);
  }
}

interface Item {
  readonly name: string;
  readonly ips: readonly { readonly address: string }[];
}

/** All items of a list. */
async function all(path: string): Promise<Item[]> {
  const items: Item[] = [];
  let cursor = '';
  do {
    const { body } = await server.call('GET', `${path}?limit=100${cursor}`);
    items.push(...body.items);
    cursor = body.cursor === undefined ? '' : `&cursor=${body.cursor}`;
  } while (cursor !== '');
  return items;
}

/** What the ledger tells of itself; that its parts agree is looked at on the way. */
async function told(): Promise<unknown> {
  const allocations = await all('/v1/allocations');
  const held = allocations.flatMap(({ ips }) => ips.map(({ address }) => address));
  expect(new Set(held).size).toBe(held.length);
  const subnets = await all('/v1/subnets');
  for (const { name } of subnets) {
    const { body: usage } = await server.call('GET', `/v1/subnets/${name}/usage`);
    const counts = Object.values<number>(usage.byState);
    expect([name, counts.reduce((sum, count) => sum + count, 0)]).toEqual([name, usage.total]);
    expect(counts.every((count) => count >= 0)).toBe(true);
  }
  for (const address of held) {
    const [ip = ''] = address.split('/');
    expect((await server.call('GET', `/v1/addresses/${ip}`)).body).toMatchObject({ state: 'allocated' });
  }
  const kinds = ['zones', 'ranges', 'nodes', 'reservations'].map((kind) => all(`/v1/${kind}`));
  return { allocations, subnets, kinds: await Promise.all(kinds) };
}

test(`whatever is sent to any call of the description (REALIP_SEED=${seed}), the answer is as described, never a 5xx, and the ledger stays whole`, async () => {
  const calls = (await operations()).map(callsOf);
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.oneof(...calls), { minLength: 8, maxLength: 16 }), async (some) => {
      await Promise.all(some.map(send));
      sent += some.length;
    }),
    { seed, numRuns: 100_000, interruptAfterTimeLimit: limit * slowness(), markInterruptAsFailure: false },
  );
  expect(sent).toBeGreaterThan(200);
  const before = await told();
  await server.stop();
  server = await startServer(store);
  expect(await told()).toEqual(before);
}, 600_000);
