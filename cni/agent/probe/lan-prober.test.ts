import { Ip } from '../../../core/address/ip.ts';
import { nodeFramesPerSecond } from '../../../core/lan/limits.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { LanProber } from './lan-prober.ts';
import { Pace } from './pace.ts';
import { TrialClock } from './testing/trial-clock.ts';
import { TrialWire } from './testing/trial-wire.ts';

let clock: TrialClock;
let wire: TrialWire;
let nodes: number;
let prober: LanProber;
let silences: number;
/** What `Math.random` would be. */
let chance: number;

beforeEach(() => {
  clock = new TrialClock();
  wire = new TrialWire(clock);
  nodes = 1;
  chance = 0.5;
  silences = 0;
  const silent = () => {
    silences += 1;
  };
  prober = new LanProber({ wire, pace: new Pace(), clock, random: () => chance, nodes: () => nodes, silent });
});

const ip = Ip.parse('10.9.1.5');
const address = (number: number) => Ip.parse('10.9.0.0').plus(BigInt(number));

/** Begins to probe; what came of it, and when, as soon as it is known. */
function begin(which: Ip, isUrgent = false, signal = new AbortController().signal) {
  const start = clock.now();
  const course: { result?: unknown; fault?: unknown; took?: number } = {};
  prober.probe(which, { isUrgent, signal }).then(
    (claim) => Object.assign(course, { result: claim ?? 'nobody', took: clock.now() - start }),
    (fault: unknown) => Object.assign(course, { fault, took: clock.now() - start }),
  );
  return course;
}

test('an address that nobody claims is ready within seven and a half seconds', async () => {
  chance = 0.9999;
  const course = begin(ip);
  await clock.pass(10_000);
  expect(course.result).toBe('nobody');
  expect(course.took).toBeGreaterThan(6990);
  expect(course.took).toBeLessThan(7500);
  expect(wire.asked.map(({ asksPods }) => asksPods)).toEqual([true, false, true]);
});

test('one that a pod waits for is ready within four and a half, and never before four', async () => {
  chance = 0.9999;
  const last = begin(address(1), true);
  await clock.pass(10_000);
  expect(last.took).toBeLessThan(4500);
  chance = 0;
  const first = begin(address(2), true);
  await clock.pass(10_000);
  expect(first.took).toBeGreaterThanOrEqual(4000);
});

test('a claim in whichever moment ends it, also two seconds after the last question', async () => {
  chance = 0;
  for (const moment of [10, 1500, 3990]) {
    const course = begin(ip, true);
    await clock.pass(moment);
    const claim = wire.claim(ip);
    await clock.pass(60);
    expect(course.result).toEqual(claim);
    expect(course.took).toBeGreaterThanOrEqual(moment);
  }
});

test('claims on other addresses change nothing', async () => {
  const courses = [begin(address(1), true), begin(address(2), true)];
  await clock.pass(1000);
  wire.claim(address(2));
  wire.claim(address(3));
  await clock.pass(4000);
  expect(courses.map(({ result }) => result)).toEqual([
    'nobody',
    expect.objectContaining({ ip: address(2) }),
  ]);
});

test('thirty pods that wait on a cold node are served together', async () => {
  const courses = Array.from({ length: 30 }, (_, number) => begin(address(number), true));
  await clock.pass(4600);
  expect(courses.map(({ result }) => result)).toEqual(Array(30).fill('nobody'));
});

test('a hundred that wait are still served within eight seconds, by the node’s pace', async () => {
  const courses = Array.from({ length: 100 }, (_, number) => begin(address(number), true));
  await clock.pass(8000);
  expect(courses.every(({ result }) => result === 'nobody')).toBe(true);
});

test('a large reserve doesn’t flood the network, and pods that wait come first', async () => {
  const reserve = Array.from({ length: 250 }, (_, number) => begin(address(number)));
  await clock.pass(1500);
  const urgent = begin(address(1000), true);
  await clock.pass(4500);
  expect(urgent.result).toBe('nobody');
  const { length } = wire.asked.filter(({ at }) => at > 2000);
  expect(length * 2).toBeLessThanOrEqual(5 * nodeFramesPerSecond + 200);
  await clock.pass(20_000);
  expect(reserve.every(({ result }) => result === 'nobody')).toBe(true);
});

test('what a pod begins to wait for is hastened, and both who asked are told', async () => {
  chance = 0.9999;
  const first = begin(ip);
  await clock.pass(1100);
  const second = begin(ip, true);
  await clock.pass(4400);
  expect([first.result, second.result]).toEqual(['nobody', 'nobody']);
  expect(wire.timesOf(ip)).toHaveLength(3);
});

test('who gives up is told so at once, and is no reason to ask on', async () => {
  const control = new AbortController();
  const course = begin(ip, true, control.signal);
  const other = begin(ip, true);
  await clock.pass(1500);
  control.abort(new Error('recalled'));
  await clock.pass(0);
  expect(course.fault).toEqual(new Error('recalled'));
  await clock.pass(5000);
  expect(other.result).toBe('nobody');

  const alone = new AbortController();
  begin(address(9), true, alone.signal);
  await clock.pass(500);
  alone.abort();
  await clock.pass(5000);
  expect(wire.timesOf(address(9))).toHaveLength(1);
  await expect(prober.probe(ip, { isUrgent: true, signal: alone.signal })).rejects.toThrow();
});

test('without carrier it waits, and then asks all three times', async () => {
  wire.life = undefined;
  const course = begin(ip, true);
  await clock.pass(60_000);
  expect(course).toEqual({});
  expect(wire.asked).toEqual([]);
  expect(silences).toBe(1);
  wire.life = 'second';
  await clock.pass(4800);
  expect(course.result).toBe('nobody');
  expect(wire.timesOf(ip)).toHaveLength(3);
  begin(ip, true);
  await clock.pass(100);
  wire.life = undefined;
  await clock.pass(1000);
  expect(silences).toBe(2);
});

test('a carrier that was lost meanwhile, however briefly, makes it begin again', async () => {
  chance = 0;
  const course = begin(ip, true);
  await clock.pass(3000);
  wire.life = 'second';
  await clock.pass(3900);
  expect(course).toEqual({});
  await clock.pass(200);
  expect(course.result).toBe('nobody');
  expect(wire.timesOf(ip)).toHaveLength(6);
});

test('a master that is gone is told to all who wait, and the next one may try again', async () => {
  const course = begin(ip);
  await clock.pass(1500);
  const gone = new Problem('MASTER_MISSING', 'there is no interface eth0 on this node');
  wire.fault = gone;
  const recheck = expect(prober.recheck([address(2)])).rejects.toBe(gone);
  await clock.pass(100);
  await recheck;
  expect(course.fault).toBe(gone);
  expect([wire.isAtRest, clock.alarms]).toEqual([true, 0]);
  wire.fault = undefined;
  const again = begin(ip, true);
  await clock.pass(5000);
  expect(again.result).toBe('nobody');
});

test('what the node itself has is found without a question, also when it got it meanwhile', async () => {
  const claim = { ip, mac: wire.claim(ip).mac };
  wire.known.set(ip.toString(), claim);
  const course = begin(ip, true);
  await clock.pass(200);
  expect(course.result).toBe(claim);
  expect(wire.asked).toEqual([]);
  const late = begin(address(2), true);
  await clock.pass(3000);
  wire.known.set(address(2).toString(), claim);
  await clock.pass(2000);
  expect(late.result).toBe(claim);
});

test('with nothing to ask the network is left alone, and no timer runs', async () => {
  begin(ip, true);
  await clock.pass(5000);
  expect([wire.isAtRest, clock.alarms, wire.listened]).toEqual([true, 0, []]);
});

test('after ten conflicts in a row one new address a minute is asked for, until one is free', async () => {
  for (let number = 0; number < 10; number++) {
    begin(address(number), true);
    await clock.pass(200);
    wire.claim(address(number));
    await clock.pass(100);
  }
  const courses = [20, 21, 22].map((number) => begin(address(number), true));
  await clock.pass(55_000);
  expect(wire.asked).toHaveLength(10);
  await clock.pass(10_000);
  expect(courses.map(({ result }) => result)).toEqual(['nobody', undefined, undefined]);
  await clock.pass(5000);
  expect(courses.map(({ result }) => result)).toEqual(['nobody', 'nobody', 'nobody']);
});

test('a node of a large cluster begins at a moment of its own', async () => {
  nodes = 600;
  chance = 0.75;
  const courses = Array.from({ length: 16 }, (_, number) => begin(address(number)));
  await clock.pass(60_000);
  expect(wire.asked).toEqual([]);
  // All 600 together send 57,600 frames, in 115 s.
  const urgent = begin(address(0), true);
  await clock.pass(4500);
  expect(urgent.result).toBe('nobody');
  await clock.pass(40_000);
  expect(courses.every(({ result }) => result === 'nobody')).toBe(true);
});

test('a re-check asks each once and listens for a fifth of a second', async () => {
  const asked = prober.recheck([address(1), address(2), address(3)]);
  await clock.pass(60);
  const claim = wire.claim(address(2));
  await clock.pass(250);
  expect(await asked).toEqual({ asked: [1, 2, 3].map(address), claims: [claim] });
  expect(wire.asked.map((each) => each.ip)).toEqual([1, 2, 3].map((number) => address(number).toString()));
});

test('without carrier a re-check says that nobody could be asked', async () => {
  wire.life = undefined;
  const asked = expect(prober.recheck([ip])).rejects.toMatchObject({ code: 'MASTER_WITHOUT_CARRIER' });
  await clock.pass(100);
  await asked;
  expect(await prober.recheck([])).toEqual({ asked: [], claims: [] });
});

test('a closed prober leaves nobody waiting', async () => {
  const course = begin(ip);
  await clock.pass(1500);
  prober.close(new Error('the agent ends'));
  await clock.pass(0);
  expect(course.fault).toEqual(new Error('the agent ends'));
  expect(clock.alarms).toBe(0);
});
