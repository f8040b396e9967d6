import fc from 'fast-check';
import { Deadlines } from './deadlines.ts';

test('the first to end is known whatever was set, changed and taken away before', () => {
  const change = fc.tuple(fc.nat(9), fc.option(fc.nat(50)));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 400, size: 'max' }), (changes) => {
      const deadlines = new Deadlines();
      const model = new Map<string, number>();
      for (const [thing, at] of changes) {
        const name = `r${thing}`;
        deadlines.set(name, at ?? undefined);
        if (at === null) {
          model.delete(name);
        } else {
          model.set(name, at);
        }
        const { first } = deadlines;
        expect(first?.at).toBe(model.size === 0 ? undefined : Math.min(...model.values()));
        expect(first && model.get(first.name)).toBe(first?.at);
      }
    }),
  );
});
