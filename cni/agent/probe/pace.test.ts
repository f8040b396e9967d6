import { nodeFramesPerSecond as framesPerSecond } from '../../../core/lan/limits.ts';
import { burst, keptForUrgent, Pace } from './pace.ts';

/** How many single frames go out until it refuses. */
function drain(pace: Pace, isUrgent: boolean, now: number): number {
  let count = 0;
  while (pace.take(1, isUrgent, now)) {
    count += 1;
  }
  return count;
}

test('after a silence a burst goes at once, and then so many a second', () => {
  const pace = new Pace();
  expect(drain(pace, true, 0)).toBe(burst);
  expect(drain(pace, true, 500)).toBe(framesPerSecond / 2);
  expect(drain(pace, true, 3_600_000)).toBe(burst);
});

test('what nobody waits for leaves a part to pods that wait', () => {
  const pace = new Pace();
  expect(drain(pace, false, 0)).toBe(burst - keptForUrgent);
  expect(drain(pace, true, 0)).toBe(keptForUrgent);
});

test('in ten minutes of greed no more goes out than the pace allows', () => {
  const pace = new Pace();
  let count = 0;
  for (let now = 0; now <= 600_000; now += 7) {
    count += drain(pace, now % 2 === 0, now);
  }
  expect(count).toBeLessThanOrEqual(burst + 600 * framesPerSecond);
  expect(count).toBeGreaterThan(599 * framesPerSecond);
});

test('a clock that stands still or a refusal gives nothing', () => {
  const pace = new Pace();
  drain(pace, true, 0);
  expect(pace.take(50, true, 400)).toBe(false);
  expect(pace.take(50, true, 400)).toBe(false);
  expect(pace.take(50, true, 500)).toBe(true);
});
