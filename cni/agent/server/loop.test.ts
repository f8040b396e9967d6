import { Loop } from './loop.ts';

let done: number[];
let fails: boolean;
let loop: Loop;
let inTask: () => Promise<void>;

let now: number;
let alarms: { readonly at: number; readonly act: () => void }[];

beforeEach(() => {
  now = 0;
  alarms = [];
  done = [];
  fails = false;
  inTask = async () => undefined;
  loop = new Loop({
    task: async () => {
      done.push(now);
      await inTask();
      if (fails) {
        throw new Error('no');
      }
    },
    everyMs: 10_000,
    onFailure: () => undefined,
    random: () => 0,
    after: (milliseconds, act) => {
      const alarm = { at: now + milliseconds, act };
      alarms.push(alarm);
      return () => {
        alarms = alarms.filter((each) => each !== alarm);
      };
    },
  });
});

/** Lets so many milliseconds pass. */
async function pass(milliseconds: number): Promise<void> {
  const end = now + milliseconds;
  for (;;) {
    for (let turn = 0; turn < 20; turn++) {
      await undefined;
    }
    const next = alarms.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
    if (next === undefined) {
      now = end;
      return;
    }
    now = next.at;
    alarms = alarms.filter((each) => each !== next);
    next.act();
  }
}

/** Milliseconds between one time and the next. */
const gaps = () => done.slice(1).map((at, index) => at - (done[index] ?? 0));

test('it is done at the first kick, and then by itself', async () => {
  loop.kick();
  await pass(30_000);
  expect(gaps()).toEqual([10_000, 10_000, 10_000]);
});

test('a failure is tried again, later and later, and kicks don’t hurry it unless they say so', async () => {
  fails = true;
  loop.kick();
  await pass(500);
  loop.kick();
  await pass(500);
  expect(gaps()).toEqual([200, 400]);
  fails = false;
  loop.kick(true);
  await pass(1);
  expect(gaps()).toHaveLength(3);
  await pass(10_000);
  expect(gaps().at(-1)).toBe(10_000);
});

test('a kick while it is under way has it done once more, not at the same time', async () => {
  let end: () => void = () => undefined;
  inTask = () => new Promise((resolve) => (end = resolve));
  loop.kick();
  await pass(1);
  loop.kick();
  loop.kick();
  await pass(100);
  expect(done).toHaveLength(1);
  end();
  await pass(1);
  expect(done).toHaveLength(2);
});

test('stopped, it waits for what is under way, and begins nothing', async () => {
  let end: () => void = () => undefined;
  inTask = () => new Promise((resolve) => (end = resolve));
  loop.kick();
  await pass(1);
  const stopped = loop.stop();
  end();
  await stopped;
  loop.kick(true);
  await pass(60_000);
  expect(done).toHaveLength(1);
});
