import { fits, type Needs } from './node-fit.ts';
import type { StoredNode } from './stored-node.ts';

const node: StoredNode = {
  name: 'n1',
  labels: { zone: 'real', room: 'a' },
  taints: [{ key: 'zone', value: 'real', effect: 'NoSchedule' }],
  isOpen: true,
  addresses: 3,
};
const needs: Needs = {
  nodeSelector: { zone: 'real' },
  terms: null,
  tolerations: [{ key: 'zone', value: 'real', effect: 'NoSchedule' }],
  addresses: 1,
};
const inRoom = (...values: string[]) => ({
  matchExpressions: [{ key: 'room', operator: 'In' as const, values }],
});
const named = (name: string) => ({
  matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [name] }],
});

test.each<[string, boolean, Partial<StoredNode>, Partial<Needs>]>([
  ['as it is', true, {}, {}],
  ['that is closed', false, { isOpen: false }, {}],
  ['with other labels', false, { labels: {} }, {}],
  ['of a term that fits', true, {}, { terms: [inRoom('b'), inRoom('a')] }],
  ['of no term', false, {}, { terms: [inRoom('b')] }],
  ['by an empty term', false, {}, { terms: [{}] }],
  ['by its name', true, {}, { terms: [named('n1')] }],
  ['by another’s name', false, {}, { terms: [named('n2')] }],
  ['with a taint that is not tolerated', false, {}, { tolerations: [] }],
  ['with a taint of another value', false, {}, { tolerations: [{ key: 'zone', value: 'x' }] }],
  ['whose taints are all tolerated', true, {}, { tolerations: [{ operator: 'Exists' }] }],
  ['with a taint that only asks', true, { taints: [{ key: 'x', effect: 'PreferNoSchedule' }] }, {}],
  ['with its last address', true, { addresses: 3 }, {}],
  ['without an address left', false, { addresses: 2 }, {}],
  ['without addresses, when none is asked for', true, { addresses: 0 }, { addresses: 0 }],
])('a node %s: %s', (_, fit, ofNode, ofNeeds) => {
  expect(fits({ ...node, ...ofNode }, { ...needs, ...ofNeeds }, 2)).toBe(fit);
});
