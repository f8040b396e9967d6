import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Site } from './site.ts';

const rounds = process.env['REALIP_SOAK'] === '1' ? 300 : 12;
// Each time the agent is somewhere else: in its first moment, in its first sync, or long since at work.
const times = fc.noBias(fc.record({ workMs: fc.nat(600), awayMs: fc.nat(50) }));
const runtimes = ['a', 'b', 'c'];

let site: Site;
beforeAll(async () => {
  // Generous: how fast a busy machine answers is no matter here.
  site = await Site.open({
    cooldownSeconds: 0,
    conf: { ipam: { timeoutMs: 60_000, reserveWaitMs: 60_000 } },
  });
  await site.node.startAgent('--reserve', '8');
  await site.node.reserveReady(8);
}, 400_000);
afterAll(() => site?.close());

test('while the agent is replaced again and again, pods come and go, and no call of the plugin is refused', async () => {
  const { node } = site;
  const refused: string[] = [];
  let [isOver, pods] = [false, 0];
  const live = async (name: string) => {
    const netns = node.sandbox(name).host.path;
    for (let count = 0; !isOver; count++) {
      for (const command of ['ADD', 'DEL']) {
        const { status, stdout } = await node.plugin.begin({ command, id: `${name}${count}`, netns });
        if (status !== 0) {
          refused.push(`${command} of ${name}${count}: ${stdout}`);
        }
      }
      pods += 1;
    }
  };
  const living = runtimes.map(live);
  const ends: (number | null)[] = [];
  try {
    for (const { workMs, awayMs } of fc.sample(times, rounds)) {
      await sleep(workMs);
      ends.push((await node.agent.end('SIGTERM')).status);
      await sleep(awayMs);
      await node.startAgent();
    }
  } finally {
    isOver = true;
    await Promise.all(living);
  }
  expect(refused).toEqual([]);
  expect(ends.filter((status) => status !== 0)).toEqual([]);
  expect(pods).toBeGreaterThan(runtimes.length);
  for (const name of runtimes) {
    node.forget(name);
  }
  await site.settled();
}, 4_000_000);
