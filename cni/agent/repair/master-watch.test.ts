import { changeOf } from './master-watch.ts';

const eth0 = { index: 3, name: 'eth0' };

test('a master that is as it was is no change', () => {
  expect(changeOf(eth0, 'eth0', { byIndex: eth0, byName: eth0 })).toBeUndefined();
});

test.each([
  ['gone', undefined, undefined, 'master-gone'],
  ['replaced under its name', undefined, { index: 9, name: 'eth0' }, 'master-replaced'],
  ['renamed', { index: 3, name: 'lan0' }, undefined, 'master-renamed'],
  [
    'renamed, and its name is another’s',
    { index: 3, name: 'lan0' },
    { index: 9, name: 'eth0' },
    'master-replaced',
  ],
])('a master that is %s is told so', (_, byIndex, byName, fault) => {
  expect(changeOf(eth0, 'eth0', { byIndex, byName })?.fault).toBe(fault);
});
