import { mismatch } from './match.ts';

const dns = { namespaces: ['kube-system'], labels: { 'k8s-app': 'kube-dns' } };

test('namespaces and labels given together must both fit', () => {
  expect(mismatch(dns, 'kube-system', { 'k8s-app': 'kube-dns', other: 'x' })).toBeNull();
  expect(mismatch(dns, 'default', { 'k8s-app': 'kube-dns' })).toEqual({
    field: 'namespaces',
    wanted: ['kube-system'],
    found: 'default',
  });
  expect(mismatch(dns, 'kube-system', {})).toEqual({
    field: 'labels',
    key: 'k8s-app',
    wanted: 'kube-dns',
    found: undefined,
  });
});

test('one of several namespaces is enough, all labels are needed', () => {
  const match = { namespaces: ['a', 'b-*'], labels: { x: '1', y: '2' } };
  expect(mismatch(match, 'b-1', { x: '1', y: '2' })).toBeNull();
  expect(mismatch(match, 'a', { x: '1' })).not.toBeNull();
});

test('an empty match matches every pod', () => {
  expect(mismatch({ namespaces: [], labels: {} }, 'any', {})).toBeNull();
});

test('a label that every JavaScript object inherits is still absent', () => {
  expect(mismatch({ namespaces: [], labels: { constructor: '' } }, 'any', {})).not.toBeNull();
});
