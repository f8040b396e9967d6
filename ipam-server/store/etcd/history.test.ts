import { History, type Reached } from './history.ts';

const at = (count: number, { id = `t${count}`, epoch = 1, ledger = 'a' } = {}): Reached => ({
  ledger,
  count,
  id,
  epoch,
});

/** Whether a place is found put back by who has seen others. */
function isPutBack(seen: readonly Reached[], now: Reached): boolean {
  const history = new History();
  for (const each of seen) {
    history.saw(each);
  }
  history.compare(history.last, now);
  return history.isPutBack;
}

test('what comes after what was seen, or is the same, was not put back', () => {
  expect(isPutBack([], at(1))).toBe(false);
  expect(isPutBack([at(7)], at(7))).toBe(false);
  expect(isPutBack([at(7)], at(8))).toBe(false);
  expect(isPutBack([at(7)], at(3, { ledger: 'b' }))).toBe(false);
});

test('what comes before it, or is another in its place, was', () => {
  expect(isPutBack([at(7)], at(6))).toBe(true);
  expect(isPutBack([at(7), at(5)], at(6))).toBe(true);
  expect(isPutBack([at(7)], at(7, { id: 'other' }))).toBe(true);
  expect(isPutBack([at(7)], at(0, { id: '0' }))).toBe(true);
});

test('a new epoch that somebody else began settles it, and what comes then is compared with that', () => {
  expect(isPutBack([at(7)], at(3, { epoch: 2 }))).toBe(false);
  expect(isPutBack([at(7), at(3, { epoch: 2 })], at(4, { epoch: 2 }))).toBe(false);
  expect(isPutBack([at(7), at(3, { epoch: 2 })], at(5))).toBe(true);
  expect(isPutBack([at(7), at(3, { epoch: 2 })], at(2, { epoch: 2 }))).toBe(true);
});

test('a ledger in whose place another was seen does not come again by itself', () => {
  expect(isPutBack([at(7), at(3, { ledger: 'b' })], at(7))).toBe(true);
  expect(isPutBack([at(7), at(3, { ledger: 'b' })], at(1, { ledger: 'c' }))).toBe(false);
  const history = new History();
  history.saw(at(7, { epoch: 4, ledger: 'b' }));
  history.saw(at(3));
  history.compare(history.last, at(9, { ledger: 'b' }));
  history.saw(at(9, { ledger: 'b' }));
  expect([history.isPutBack, history.epoch]).toEqual([true, 4]);
  history.renewed(at(11, { epoch: 5, ledger: 'b' }));
  history.compare(history.last, at(12, { epoch: 5, ledger: 'b' }));
  expect(history.isPutBack).toBe(false);
});

test('once found it stays so, whatever is written, until a new epoch', () => {
  const history = new History();
  history.saw(at(7));
  history.compare(history.last, at(3));
  history.saw(at(9));
  history.compare(history.last, at(10));
  expect(history.isPutBack).toBe(true);
  expect(history.last).toEqual(at(9));
  history.saw(at(11, { epoch: 2 }));
  expect(history.isPutBack).toBe(false);
});
