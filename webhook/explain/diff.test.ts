import { differences } from './diff.ts';

test('what is new stands under the deepest thing that was there before', () => {
  const before = {
    metadata: { name: 'web' },
    spec: { nodeSelector: { disk: 'ssd' }, containers: [{ name: 'a' }] },
  };
  const after = {
    metadata: { name: 'web', annotations: { 'realip.io/placed-by': 'default' } },
    spec: {
      nodeSelector: { disk: 'ssd', 'realip.io/zone-type': 'macvlan' },
      containers: [{ name: 'a', resources: { limits: { 'realip.io/ip': '1' } } }],
    },
  };
  expect(differences(before, after)).toEqual([
    { path: 'metadata', lines: ['+ annotations:', '+   realip.io/placed-by: default'] },
    { path: 'spec.nodeSelector', lines: ['+ realip.io/zone-type: macvlan'] },
    { path: 'spec.containers[0]', lines: ['+ resources:', '+   limits:', '+     realip.io/ip: "1"'] },
  ]);
});

test('what is replaced is shown with what stood there', () => {
  const before = {
    metadata: { annotations: { 'realip.io/placed-by': 'me' } },
    spec: { dnsPolicy: 'ClusterFirst' },
  };
  const after = { metadata: { annotations: { 'realip.io/placed-by': 'dns' } }, spec: { dnsPolicy: 'None' } };
  expect(differences(before, after)).toEqual([
    { path: 'metadata.annotations', lines: ['- realip.io/placed-by: me', '+ realip.io/placed-by: dns'] },
    { path: 'spec', lines: ['- dnsPolicy: ClusterFirst', '+ dnsPolicy: None'] },
  ]);
});

test('items that come between others are shown alone', () => {
  expect(differences({ a: ['x', 'y'] }, { a: ['new', 'x', 'y', 'last'] })).toEqual([
    { path: 'a', lines: ['+ - new', '+ - last'] },
  ]);
  expect(differences({ a: [{ m: [1] }, { m: [] }] }, { a: [{ m: [1, 2] }, { m: [2] }] })).toEqual([
    { path: 'a[0].m', lines: ['+ - 2'] },
    { path: 'a[1].m', lines: ['+ - 2'] },
  ]);
});

test('a null that gets a value counts as absent, and equal things have no difference', () => {
  expect(differences({ a: null }, { a: { b: 1 } })).toEqual([{ path: '', lines: ['+ a:', '+   b: 1'] }]);
  expect(differences({ a: null, b: [{}] }, { a: null, b: [{}] })).toEqual([]);
});

test('a key that is no plain word is quoted in the path', () => {
  expect(differences({ 'a.b/c': { d: 1 } }, { 'a.b/c': { d: 2 } })).toEqual([
    { path: '["a.b/c"]', lines: ['- d: 1', '+ d: 2'] },
  ]);
});
