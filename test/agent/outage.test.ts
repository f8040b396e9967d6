import { slowness } from '../../netlink/testing/slowness.ts';
import { addressesOf } from './agent-node.ts';
import { type Outage, outages } from './far-server.ts';
import { Site } from './site.ts';

const reserve = 6;
/** Whoever waited for a server that is away would need more: `timeoutMs` is 3 s. */
const atOnce = 1500;
/** A pod with an address of its own, which the reserve must never serve. */
const constrained = { args: 'K8S_POD_NAMESPACE=shop;K8S_POD_NAME=db-0;K8S_POD_UID=u-db-0' };

let site: Site;
beforeAll(async () => {
  site = await Site.open({ nodes: 2, conf: { ipam: { timeoutMs: 3000, reserveWaitMs: 1000 } } });
  await site.server.ask('PUT', '/v1/reservations/db', {
    addresses: ['10.9.3.7'],
    pod: { namespace: 'shop', name: 'db-0' },
  });
  await site.node.startAgent('--reserve', `${reserve}`);
}, 400_000);
afterAll(() => site?.close());

/** Who had an address, latest last. */
async function holdersOf(ip: string): Promise<string[]> {
  const { items } = await site.server.ask('GET', `/v1/addresses/${ip}/history?limit=1000`);
  // Its time in a reserve is in its history, too; nobody had it then.
  return items
    .map(({ containerId }: { containerId?: string }) => containerId)
    .filter((containerId: string | undefined) => containerId !== undefined);
}

async function expectEnded(id: string, ip: string): Promise<void> {
  expect({ ip, state: (await site.server.address(ip)).state }).toEqual({ ip, state: 'cooling' });
  expect(await holdersOf(ip)).toContain(id);
}

/** ADD that must succeed at once; @returns the address */
function addAtOnce(id: string): string {
  const answer = site.node.add(id);
  expect({ id, status: answer.status, json: answer.json, stderr: answer.stderr }).toMatchObject({
    id,
    status: 0,
  });
  expect(answer.milliseconds).toBeLessThan(atOnce * slowness());
  const [ip = ''] = addressesOf(answer);
  expect(site.other.reaches(ip)).toBe(true);
  return ip;
}

function delAtOnce(id: string): void {
  const { status, stdout, milliseconds } = site.node.del(id);
  expect({ id, status, stdout }).toEqual({ id, status: 0, stdout: '' });
  expect(milliseconds).toBeLessThan(atOnce * slowness());
}

/** Pods that take all that is left; @returns the answer of the first that got none */
function exhaust(outage: Outage) {
  for (let count = 0; ; count++) {
    expect(count).toBeLessThanOrEqual(reserve);
    const answer = site.node.add(`more-${outage}-${count}`);
    if (answer.status !== 0) {
      return { answer, id: `more-${outage}-${count}` };
    }
  }
}

function expectCode(
  answer: { status: number | null; json: { code: number; msg: string } },
  code: number,
): void {
  expect({ status: answer.status, code: answer.json?.code }).toEqual({ status: 1, code });
  expect(answer.json.msg).toMatch(/\S+ \S+/);
}

test.each(outages)(
  'while the server is %s pods come and go, the agent restarts, and afterwards all is told',
  async (outage) => {
    const { node, server } = site;
    await site.settled();
    await node.reserveReady(reserve);
    const old = `old-${outage}`;
    const stays = `stays-${outage}`;
    const oldIp = addAtOnce(old);
    addAtOnce(stays);
    await node.reserveReady(reserve);

    await server.fail(outage);
    const isTold = { first: addAtOnce(`first-${outage}`), brief: addAtOnce(`brief-${outage}`) };
    delAtOnce(old);
    delAtOnce(`brief-${outage}`);
    expect(node.check(stays)).toMatchObject({ status: 0 });
    expect(node.check(`first-${outage}`)).toMatchObject({ status: 0 });
    expect(node.statusOf()).toMatchObject({ status: 0, stdout: '' });
    expectCode(node.add(`db-${outage}`, constrained), 11);
    delAtOnce(`db-${outage}`);

    await node.killAgent();
    await node.startAgent();
    const second = addAtOnce(`second-${outage}`);
    expect(Object.values(isTold)).not.toContain(second);
    delAtOnce(`first-${outage}`);
    expect(node.check(stays)).toMatchObject({ status: 0 });
    const { answer, id } = exhaust(outage);
    expectCode(answer, 11);
    expectCode(node.statusOf(), 50);
    delAtOnce(id);

    await server.recover();
    await site.settled();
    await expectEnded(old, oldIp);
    await expectEnded(`first-${outage}`, isTold.first);
    await expectEnded(`brief-${outage}`, isTold.brief);
    expect(await holdersOf(second)).toEqual([`second-${outage}`]);
    await node.reserveReady(reserve);
    expect(node.statusOf()).toMatchObject({ status: 0, stdout: '' });
    expect(addressesOf(node.add(`db-${outage}`, constrained))).toEqual(['10.9.3.7']);
    for (const each of [...node.pods.keys()]) {
      delAtOnce(each);
    }
    await site.settled();
  },
  240_000,
);

test('an agent that starts while the server is away says what it lacks, and serves when it returns', async () => {
  const { secondNode: node, server } = site;
  await server.fail('killed');
  await node.startAgent('--reserve', `${reserve}`);
  const answer = node.add('early');
  expectCode(answer, 11);
  expect(`${answer.json.msg} ${answer.json.details}`).toContain('10.9.0.5');
  expectCode(node.statusOf(), 50);
  expect(node.del('early').status).toBe(0);
  await server.recover();
  await node.reserveReady(reserve, 30_000);
  expect(node.add('early').status).toBe(0);
  expect(node.del('early').status).toBe(0);
  await site.settled();
}, 400_000);
