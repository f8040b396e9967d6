import { day, minute, Trial } from './testing/trial.ts';

const hour = 60 * minute;
let trial: Trial;

beforeEach(() => {
  trial = new Trial();
  const addresses = Array.from({ length: 8 }, (_, index) => [`10.9.0.${index}`, 'lan']);
  trial.stock(Object.fromEntries(addresses));
});

/** What was asked for long ago is asked for once more, and nobody has it. */
function given(n: number): string[] | string {
  trial.state.rechecked(trial.state.toRecheck(trial.now), [], trial.now);
  return trial.given(n);
}

test('an hour without the server: pods begin and end, the agent restarts, and all of it is told afterwards, in order', () => {
  const told: string[] = [];
  const seen = new Set<string>();
  const begin = (n: number) => {
    const [address = ''] = given(n);
    expect(seen).not.toContain(address);
    seen.add(address);
    told.push(`allocate c${n} ${address}`);
  };
  for (let n = 0; n < 6; n++) {
    trial.now += 10 * minute;
    begin(n);
    if (n % 2 === 1) {
      trial.end(n);
      // One that the server has never heard of is begun and ended at the server, too.
      told.push(`release c${n} ${n + 1}`);
    }
    trial.restart();
  }
  expect(trial.now).toBeGreaterThanOrEqual(Date.parse('2026-01-01T01:00:00Z'));
  expect(trial.tell().toSorted()).toEqual(told.toSorted());
  expect(trial.state.status()).toMatchObject({ attachments: 3, untold: 0, conflicts: [] });
});

test('what an agent has is given until its time is over, a day after the server’s last word, and never later', () => {
  trial.now += day - minute;
  expect(given(1)).toEqual(['10.9.0.0']);
  trial.now += 2 * minute;
  expect(given(2)).not.toEqual(expect.arrayContaining([expect.stringContaining('10.9')]));
  trial.restart();
  expect(given(3)).not.toEqual(expect.arrayContaining([expect.stringContaining('10.9')]));
  // Who has one keeps it, and it is recorded when the server returns.
  expect(trial.state.status().attachments).toBe(1);
  expect(trial.tell()).toEqual(['allocate c1 10.9.0.0']);
});

test('an hour prolongs nothing by itself, and a restart neither', () => {
  trial.now += hour;
  trial.restart();
  trial.now += day - hour + minute;
  expect(typeof given(1)).toBe('string');
});

test('a clock that is set back prolongs nothing either', () => {
  trial.now += day - minute;
  expect(given(1)).toEqual(['10.9.0.0']);
  trial.now -= hour;
  given(2);
  trial.now += hour + 2 * minute;
  expect(typeof given(3)).toBe('string');
});
