import { Undo } from './undo.ts';

test('what was done is taken back last first, and a step that fails keeps none of the others', () => {
  const undo = new Undo();
  const done: string[] = [];
  const warnings: string[] = [];
  undo.push('do a', () => done.push('a'));
  undo.push('do b', () => {
    throw new Error('no');
  });
  undo.push('do c', () => done.push('c'));
  undo.run((message) => warnings.push(message));
  undo.run((message) => warnings.push(message));
  expect(done).toEqual(['c', 'a']);
  expect(warnings).toEqual(['could not do b after a failure: no']);
});
