import { Rounds } from './rounds.ts';

/** All three questions at their times, and the end. */
function run(how: { isUrgent: boolean; hold?: number }, random: () => number): number[] {
  const rounds = new Rounds(0, { hold: 0, ...how }, random);
  const times: number[] = [];
  while (!rounds.isAsked) {
    times.push(rounds.dueAt);
    rounds.asked(rounds.dueAt);
  }
  return [...times, rounds.dueAt];
}

const [lowest, highest] = [() => 0, () => 1];

test('three questions are one to two seconds apart, the first within a second, and two seconds are waited for objections', () => {
  expect(run({ isUrgent: false }, lowest)).toEqual([0, 1000, 2000, 4000]);
  expect(run({ isUrgent: false }, highest)).toEqual([1000, 3000, 5000, 7000]);
});

test('where a pod waits it takes little more than the four seconds that the RFC wants at least', () => {
  expect(run({ isUrgent: true }, lowest)).toEqual([0, 1000, 2000, 4000]);
  expect(run({ isUrgent: true }, highest)).toEqual([100, 1200, 2300, 4300]);
});

test('a cluster that begins together puts the first question off, not one that a pod waits for', () => {
  expect(run({ isUrgent: false, hold: 20_000 }, lowest)[0]).toBe(20_000);
  expect(run({ isUrgent: true, hold: 20_000 }, lowest)[0]).toBe(0);
});

test('a pod that begins to wait hastens what is left, never below a second between questions', () => {
  const waiting = new Rounds(0, { isUrgent: false, hold: 20_000 }, highest);
  waiting.hurry(5000);
  expect(waiting.dueAt).toBe(5100);
  waiting.asked(5100);
  expect(waiting.dueAt).toBe(6200);

  const begun = new Rounds(0, { isUrgent: false, hold: 0 }, highest);
  begun.asked(1000);
  expect(begun.dueAt).toBe(3000);
  begun.hurry(1500);
  expect(begun.dueAt).toBe(2100);
});

test('the wait for objections is not hastened', () => {
  const rounds = new Rounds(0, { isUrgent: false, hold: 0 }, highest);
  for (const at of [1000, 3000, 5000]) {
    rounds.asked(at);
  }
  rounds.hurry(5001);
  expect(rounds.dueAt).toBe(7000);
});

test('a question that went out late moves all that come after it', () => {
  const rounds = new Rounds(0, { isUrgent: true, hold: 0 }, lowest);
  rounds.asked(700);
  expect(rounds.dueAt).toBe(1700);
});

test('begun again, all three are asked again', () => {
  const rounds = new Rounds(0, { isUrgent: true, hold: 0 }, lowest);
  rounds.asked(0);
  rounds.asked(1000);
  rounds.restart(9000);
  expect([rounds.sent, rounds.dueAt, rounds.isAsked]).toEqual([0, 9000, false]);
});
