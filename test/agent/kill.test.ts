import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describePoint, type KillPoint, killing, killPoints, tracedPid, watching } from './kill-points.ts';
import { Site } from './site.ts';

const isWhole = process.env['REALIP_FAULTS'] === 'all';
const day = Math.floor(Date.now() / 86_400_000);
const sampleSize = 15;

let site: Site;
let trace: string;
beforeAll(async () => {
  site = await Site.open({ cooldownSeconds: 1, conf: { ipam: { timeoutMs: 3000, reserveWaitMs: 8000 } } });
  trace = join(site.folder, 'trace');
  await site.node.startAgent('--reserve', '24');
  await site.node.reserveReady(20);
}, 400_000);
afterAll(() => site?.close());

/** Every point with REALIP_FAULTS=all, otherwise some, evenly spread; which ones changes from day to day. */
function chosen(points: readonly KillPoint[]): KillPoint[] {
  const step = isWhole ? 1 : Math.ceil(points.length / sampleSize);
  return points.filter((_, index) => index % step === day % step);
}

/**
 * What a node does in a few seconds, whether its agent lives or not: one pod stays, one comes and goes, the one of
 * before goes. @returns what a runtime would complain of
 */
async function live(round: number): Promise<string[]> {
  const { node } = site;
  const calls = [
    ['ADD', `stays${round}`],
    ['ADD', `brief${round}`],
    ['DEL', `brief${round}`],
    ['DEL', `stays${round - 1}`],
  ] as const;
  const wrong: string[] = [];
  for (const [command, id] of calls) {
    if (command === 'DEL' && !node.pods.has(id)) {
      continue;
    }
    const { status, stdout, stderr } = command === 'ADD' ? node.add(id) : node.del(id);
    if (status !== 0) {
      wrong.push(`${command} ${id}: ${stdout}${stderr}`);
    }
  }
  await sleep(500);
  return wrong;
}

/** Ends it in peace where it still runs: the tracer ends with it. */
async function endTraced(): Promise<boolean> {
  const { agent } = site.node;
  const lives = agent.runs;
  if (lives) {
    process.kill(tracedPid(agent.pid), 'SIGTERM');
  }
  await agent.ended();
  return lives;
}

test('an agent that is killed at any system call loses no address, gives none twice, and leaks none', async () => {
  const { node } = site;
  await node.agent.end('SIGTERM');
  expect(await node.startAgentUnder(watching(trace))).toBe(true);
  expect(await live(0)).toEqual([]);
  await sleep(11_000);
  await endTraced();
  const points = killPoints(trace, node);
  expect(points.length).toBeGreaterThan(20);
  const wrong: string[] = [];
  let met = 0;
  for (const [index, point] of chosen(points).entries()) {
    await node.startAgentUnder(killing(point, trace));
    const complaints = await live(index + 1);
    met += (await endTraced()) ? 0 : 1;
    await node.startAgent();
    const twice = (await site.differences()).filter((each) => each.startsWith('two pods'));
    wrong.push(...[...complaints, ...twice].map((each) => `${describePoint(point)}: ${each}`));
    await node.agent.end('SIGTERM');
  }
  console.log(`${points.length} points, ${chosen(points).length} tried, ${met} met`);
  await node.startAgent();
  expect(wrong).toEqual([]);
  await site.settled();
  for (const id of [...node.pods.keys()]) {
    expect(node.del(id).status).toBe(0);
  }
  await site.settled();
  expect((await site.server.ask('GET', '/v1/subnets/lan/usage')).byState.allocated).toBe(0);
}, 3_600_000);
