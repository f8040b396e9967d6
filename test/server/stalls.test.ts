import { setTimeout as sleep } from 'node:timers/promises';
import { allocate, makeLan } from './lan.ts';
import { newFolder, type Server, startServer } from './process.ts';
import { scrape } from './scrape.ts';

const folder = newFolder();
afterAll(() => folder.remove());

let server: Server;
afterEach(() => server.stop('SIGKILL'));

/** Clients that allocate one address after the other; what each call was answered, by container. */
class Load {
  readonly answers = new Map<string, { readonly status: number; readonly address?: string }>();
  readonly #clients: Promise<void>[];
  #isOver = false;

  constructor(server: Server, clients: number) {
    this.#clients = Array.from({ length: clients }, async (_, client) => {
      for (let n = 0; !this.#isOver; n++) {
        const container = `c${client}-${n}`;
        const { status, body } = await allocate(server, container);
        this.answers.set(container, { status, address: body.ips?.[0].address.replace('/16', '') });
      }
    });
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients);
  }
}

/** Who has which address by the server’s own list. */
async function held(server: Server): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let cursor = '';
  do {
    const { body } = await server.call('GET', `/v1/allocations?limit=1000${cursor}`);
    for (const { containerId, ips } of body.items) {
      found.set(containerId, ips[0].address.replace('/16', ''));
    }
    cursor = body.cursor === undefined ? '' : `&cursor=${encodeURIComponent(body.cursor)}`;
  } while (cursor !== '');
  return found;
}

test('a server that stood still for ten seconds under load goes on as if nothing had been', async () => {
  server = await startServer(`sqlite:${folder.path}/still.db`);
  await makeLan(server, { end: '10.9.200.255' });
  const load = new Load(server, 32);
  while (load.answers.size < 300) {
    await sleep(10);
  }
  server.child.kill('SIGSTOP');
  await sleep(10_000);
  const before = load.answers.size;
  server.child.kill('SIGCONT');
  while (load.answers.size < before + 300) {
    await sleep(10);
  }
  await load.end();
  const answers = [...load.answers];
  expect(answers.filter(([, { status }]) => status !== 201)).toEqual([]);
  const given = await held(server);
  expect(new Set(given.values()).size).toBe(given.size);
  expect(Object.fromEntries(given)).toEqual(
    Object.fromEntries(answers.map(([id, { address }]) => [id, address])),
  );
  expect((await scrape(server)).get('realip_ipam_store_errors_total')).toBe(0);
});
