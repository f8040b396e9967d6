import { pointerOf, toPatch } from './patch.ts';

test('a tilde is escaped before a slash', () => {
  expect(pointerOf(['a/b', '~1', '~', 0])).toBe('/a~1b/~01/~0/0');
});

test('each missing parent is made once, as the list or mapping that the next step needs', () => {
  const changes = [
    { path: ['spec', 'dnsConfig', 'nameservers', 0], value: '10.0.0.1' },
    { path: ['spec', 'dnsConfig', 'searches', 0], value: 'corp' },
  ];
  expect(toPatch({ spec: { dnsConfig: null } }, changes)).toEqual([
    { op: 'add', path: '/spec/dnsConfig', value: {} },
    { op: 'add', path: '/spec/dnsConfig/nameservers', value: [] },
    { op: 'add', path: '/spec/dnsConfig/nameservers/0', value: '10.0.0.1' },
    { op: 'add', path: '/spec/dnsConfig/searches', value: [] },
    { op: 'add', path: '/spec/dnsConfig/searches/0', value: 'corp' },
  ]);
});

test('a parent that is there is left as it is, also an empty one', () => {
  const changes = [{ path: ['spec', 'tolerations', '-'], value: {} }];
  expect(toPatch({ spec: { tolerations: [] } }, changes)).toHaveLength(1);
});

test('no change is no operation', () => {
  expect(toPatch({}, [])).toEqual([]);
});
