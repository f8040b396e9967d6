import type { Decision } from '../decision.ts';
import { Ledger } from '../state/ledger.ts';
import { forgetKeys, type KeyBounds, recall, remember } from './idempotency.ts';

const day = 24 * 3_600_000;
const ledger = () => new Ledger();

function apply<Answer>(to: Ledger, { writes, answer }: Decision<Answer>): Answer {
  for (const write of writes) {
    to.apply(write);
  }
  return answer;
}

const keep = (to: Ledger, name: string, at: number, bounds?: KeyBounds) =>
  apply(to, remember(to, name, { at, sha256: 'abc', answer: `answer ${name}` }, bounds));
const names = (of: Ledger) => Array.from(of.keys.all(), ([name]) => name);

test('the answer to a key is kept for a day', () => {
  const kept = ledger();
  keep(kept, 'a', 1000);
  expect(recall(kept, 'a', 'abc', 1000 + day - 1)).toBe('answer a');
  expect(recall(kept, 'a', 'abc', 1000 + day)).toBeNull();
  expect(recall(kept, 'a', 'other', 1000 + day)).toBeNull();
});

test('a key of another request is refused', () => {
  const kept = ledger();
  keep(kept, 'a', 1000);
  expect(() => recall(kept, 'a', 'other', 2000)).toThrow(
    expect.objectContaining({ code: 'IDEMPOTENCY_KEY_REUSED' }),
  );
});

test('a key that is kept anew lets go those whose day is over, and so does the sweep', () => {
  const kept = ledger();
  keep(kept, 'a', 1000);
  keep(kept, 'b', 2000);
  keep(kept, 'c', 2000 + day);
  expect(names(kept)).toEqual(['c']);
  expect(apply(kept, forgetKeys(kept, 2000 + 2 * day, 10))).toBe(1);
  expect(names(kept)).toEqual([]);
});

test('the sweep goes in small pieces', () => {
  const kept = ledger();
  for (const name of ['a', 'b', 'c']) {
    keep(kept, name, 1000);
  }
  expect(apply(kept, forgetKeys(kept, 1000 + day, 2))).toBe(2);
  expect(names(kept)).toEqual(['c']);
});

test('of too many keys, or too long answers, the oldest goes before its time', () => {
  const few = ledger();
  for (const name of ['a', 'b', 'c', 'd']) {
    keep(few, name, 1000, { keys: 2, characters: 1000 });
  }
  expect(names(few)).toEqual(['c', 'd']);
  const short = ledger();
  for (const name of ['a', 'b', 'c', 'd']) {
    keep(short, name, 1000, { keys: 100, characters: 'answer x'.length * 3 });
  }
  expect(names(short)).toEqual(['b', 'c', 'd']);
  expect(short.keys.characters).toBe('answer x'.length * 3);
});
