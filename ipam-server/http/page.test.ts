import fc from 'fast-check';
import { cursorOf, pageByName } from './page.ts';

test('the pages of a list are the list, whatever their size', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.string({ minLength: 1 })),
      fc.integer({ min: 1, max: 5 }),
      (names, limit) => {
        const things = new Map(names.map((name) => [name, name]));
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = pageByName(things, 'things', { limit, ...(cursor && { cursor }) }, (name) => name);
          seen.push(...page.items);
          cursor = page.cursor;
        } while (cursor !== undefined);
        expect(seen).toEqual([...names].sort());
      },
    ),
  );
});

test.each(['!', 'YQ==', '', 'a b', 'AAAA'])('%j is no cursor', (cursor) => {
  expect(() => cursorOf({ cursor }, 'things')).toThrow('no cursor');
});

test('a cursor of one list is none of another', () => {
  const things = new Map([
    ['a', 1],
    ['b', 2],
  ]);
  const { cursor = '' } = pageByName(things, 'things', { limit: 1 }, (name) => name);
  expect(cursorOf({ cursor }, 'things')).toBe('a');
  expect(() => cursorOf({ cursor }, 'others')).toThrow('no cursor');
});
