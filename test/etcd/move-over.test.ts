import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentNode } from '../agent/agent-node.ts';
import type { FarServer } from '../agent/far-server.ts';
import { Site } from '../agent/site.ts';
import { until } from '../server/until.ts';
import { EventReader } from './event-reader.ts';

/** Milliseconds that pods come and go after another server has begun to lead. */
const outageMs = 4_000;

let site: Site;
beforeAll(async () => {
  // The plugin's own time-outs, as without a word in the conf list.
  site = await Site.open({ nodes: 2, twoServers: true, conf: { ipam: { timeoutMs: undefined } } });
  await site.server.ask('PUT', '/v1/ranges/wanted', { subnet: 'lan', start: '10.9.8.0', end: '10.9.15.255' });
  await site.node.startAgent('--reserve', '12');
  await site.node.reserveReady(12, 60_000);
}, 400_000);
afterAll(() => site?.close());

const readers: EventReader[] = [];
afterEach(async () => {
  await Promise.all(readers.splice(0).map((each) => each.stop()));
});

/** What pods saw of it. */
interface Seen {
  count: number;
  readonly failures: string[];
}

let names = 0;
let wanted = 0;

/** Each address once: after a pod it cools down. */
function nextWanted(): string {
  const number = wanted++;
  return `IP=10.9.${8 + (number >> 8)}.${number & 255}`;
}

/** A pod comes and goes. */
async function live(node: AgentNode, args: string, seen: Seen): Promise<void> {
  const id = `${node.name}-${++names}`;
  for (const step of [() => node.addBeside(id, { args }), () => node.delBeside(id)]) {
    const began = performance.now();
    const { status, stdout, stderr } = await step();
    if (status !== 0) {
      seen.failures.push(`${id} after ${Math.round(performance.now() - began)} ms: ${stdout} ${stderr}`);
    }
  }
  seen.count += 1;
}

/** Pods come and go, one after the other, until it is over. */
async function churn(node: AgentNode, argsOfNext: () => string, isOver: () => boolean): Promise<Seen> {
  const seen: Seen = { count: 0, failures: [] };
  while (!isOver()) {
    await live(node, argsOfNext(), seen);
  }
  return seen;
}

async function seats(): Promise<{ leader: FarServer; follower: FarServer }> {
  const [one, other] = site.servers as readonly [FarServer, FarServer];
  let leads: boolean[] = [];
  await until(
    'one of the two leads',
    async () => {
      leads = await Promise.all([one.leads(), other.leads()]);
      return leads.filter(Boolean).length === 1;
    },
    60_000,
  );
  return leads[0] === true ? { leader: one, follower: other } : { leader: other, follower: one };
}

async function eventsAfter(server: FarServer, since: number): Promise<number[]> {
  const ids: number[] = [];
  for (let cursor = `since=${since}`; ; ) {
    const page = await server.ask('GET', `/v1/events?limit=1000&${cursor}`);
    ids.push(...page.items.map(({ id }: { id: number }) => id));
    if (page.cursor === undefined) {
      return ids;
    }
    cursor = `cursor=${encodeURIComponent(page.cursor)}`;
  }
}

async function lastEvent(server: FarServer): Promise<number> {
  return (await eventsAfter(server, 0)).at(-1) ?? 0;
}

test.each(['killed', 'frozen', 'unplugged'] as const)(
  'while the leading server is %s pods come and go without an error, and a watch misses nothing',
  async (outage) => {
    const { leader, follower } = await seats();
    const known = await lastEvent(follower);
    // One that reads at a frozen server has to find that out by its silence.
    const reader = new EventReader(outage === 'frozen' ? [follower, leader] : [leader, follower], known);
    readers.push(reader);
    let over = false;
    const isOver = () => over;
    const pods = [
      // From the reserve of the node's agent.
      churn(site.node, () => '', isOver),
      // By the agent, from the server: it alone can judge.
      churn(site.node, nextWanted, isOver),
      // By the plugin alone.
      churn(site.secondNode, () => '', isOver),
    ];
    let seen: Seen[] = [];
    try {
      await sleep(1_000);
      await leader.fail(outage);
      await until('the other leads', () => follower.leads(), 60_000);
      await sleep(outageMs);
    } finally {
      over = true;
      seen = await Promise.all(pods);
      await leader.recover();
    }
    expect(seen.flatMap(({ failures }) => failures)).toEqual([]);
    expect(seen.every(({ count }) => count > 0)).toBe(true);
    await site.settled();
    const told = await eventsAfter(follower, known);
    await sleep(1_000);
    await reader.stop();
    expect(reader.ids.slice(0, told.length)).toEqual(told);
    expect(told.length).toBeGreaterThan(0);
  },
  400_000,
);
