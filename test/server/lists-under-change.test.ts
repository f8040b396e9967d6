import { Description } from './description.ts';
import { allocate, makeLan, put, release } from './lan.ts';
import { type Server, startServer } from './process.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer('memory:');
});
afterAll(() => server.stop());

/** What is there all the time, and what comes and goes: names that sort before, between and after. */
const steady = Array.from({ length: 12 }, (_, i) => `s${String(i).padStart(2, '0')}`);
const fleeting = Array.from({ length: 12 }, (_, i) => `${'asz'[i % 3]}${String(i).padStart(2, '0')}x`);

/** A number of its own for each name. */
const third = (name: string) => Number(name.slice(1, 3)) + (name.endsWith('x') ? 100 : 0);

/** How an object of a kind is made of a name. */
const makers: Readonly<Record<string, (name: string) => object>> = {
  zones: () => ({ type: 'macvlan' }),
  nodes: () => ({ zone: 'real' }),
  subnets: (name) => ({ zone: 'real', cidr: `10.${third(name)}.0.0/24` }),
  ranges: (name) => ({
    subnet: 'lan',
    start: `172.16.${third(name)}.1`,
    end: `172.16.${third(name)}.9`,
  }),
  reservations: (name) => ({ addresses: [`172.17.${third(name)}.1`] }),
};

/** Reads a list page by page; between two pages something else of it changes. */
async function read(path: string, limit: number, change: () => Promise<void>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor = '';
  do {
    const { status, body } = await server.call('GET', `${path}?limit=${limit}${cursor}`);
    expect([path, status]).toEqual([path, 200]);
    expect(body.items.length).toBeLessThanOrEqual(limit);
    items.push(...body.items);
    cursor = body.cursor === undefined ? '' : `&cursor=${encodeURIComponent(body.cursor)}`;
    await change();
  } while (cursor !== '');
  return items;
}

interface Item {
  readonly name: string;
  readonly containerId: string;
  readonly address: string;
  readonly id: number;
}

/** Others at work: each call adds and removes something, in an order that repeats. */
function others(add: (name: string) => Promise<unknown>, remove: (name: string) => Promise<unknown>) {
  const there = new Set<string>();
  let turn = 0;
  return async () => {
    for (let i = 0; i < 3; i++) {
      const name = fleeting[(turn++ * 7) % fleeting.length] ?? '';
      await (there.has(name) ? remove(name) : add(name));
      if (!there.delete(name)) {
        there.add(name);
      }
    }
  };
}

/** Nothing that was there all the time is missed; nothing is seen twice. */
function expectWhole(seen: readonly (string | number)[], always: readonly (string | number)[]): void {
  expect(seen.filter((each, index) => seen.indexOf(each) !== index)).toEqual([]);
  expect(always.filter((each) => !seen.includes(each))).toEqual([]);
}

beforeAll(async () => {
  await makeLan(server, {
    cidr: '172.16.0.0/15',
    gateway: '172.16.0.1',
    start: '172.17.255.0',
    end: '172.17.255.99',
  });
});

test('the lists of objects are all of those that /openapi.json has by name', async () => {
  const { body } = await server.call('GET', '/openapi.json');
  const named = new Description(body).operations.filter(
    ({ description }) =>
      description.responses['200']?.content?.['application/json']?.schema.properties?.items?.items.properties
        ?.name !== undefined,
  );
  expect(named.map(({ template }) => template.slice('/v1/'.length)).sort()).toEqual(
    Object.keys(makers).sort(),
  );
});

test.each(Object.entries(makers))(
  'a list of %s read in pages while others edit misses nothing that stays, and tells nothing twice',
  async (kind, of) => {
    for (const name of steady) {
      await put(server, `/v1/${kind}/${name}`, of(name));
    }
    const change = others(
      (name) => put(server, `/v1/${kind}/${name}`, of(name)),
      (name) => server.call('DELETE', `/v1/${kind}/${name}`),
    );
    for (const limit of [1, 2, 5]) {
      const items = await read(`/v1/${kind}`, limit, change);
      const names = items.map(({ name }) => name);
      expectWhole(names, steady);
      expect(names).toEqual([...names].sort());
    }
  },
);

test('so does the search of allocations, while pods come and go', async () => {
  for (const name of steady) {
    await allocate(server, name);
  }
  const change = others(
    (name) => allocate(server, name),
    (name) => release(server, name),
  );
  for (const limit of [1, 3]) {
    const items = await read('/v1/allocations', limit, change);
    expectWhole(
      items.map(({ containerId }) => containerId),
      steady,
    );
  }
});

test('so does a map, while its addresses change their states', async () => {
  const change = others(
    (name) => allocate(server, `map-${name}`),
    (name) => release(server, `map-${name}`),
  );
  const once = await read('/v1/subnets/lan/map', 1000, async () => {});
  const items = await read('/v1/subnets/lan/map', 7, change);
  expect(items.map(({ address }) => address)).toEqual(once.map(({ address }) => address));
});

test('so do the events, of which more come at the end', async () => {
  const { body: before } = await server.call('GET', '/v1/events?limit=1000');
  const ids = before.items.map(({ id }: Item) => id);
  let left = 20;
  const items = await read('/v1/events', 50, async () => {
    if (left-- > 0) {
      await allocate(server, `event-${left}`);
    }
  });
  expectWhole(
    items.map(({ id }) => id),
    ids,
  );
});
