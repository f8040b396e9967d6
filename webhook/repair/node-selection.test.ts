import type { NodeRequirement } from '../policy/policy.ts';
import { meetsAll } from './node-selection.ts';

const labels = { room: 'a', weight: '10' };

// Kubernetes' own meanings: NotIn and DoesNotExist fit a node without the key; Gt and Lt compare whole numbers.
test.each<[string, NodeRequirement, boolean]>([
  ['In, with the value', { key: 'room', operator: 'In', values: ['b', 'a'] }, true],
  ['In, with another value', { key: 'room', operator: 'In', values: ['b'] }, false],
  ['In, without the key', { key: 'rack', operator: 'In', values: ['a'] }, false],
  ['NotIn, with the value', { key: 'room', operator: 'NotIn', values: ['a'] }, false],
  ['NotIn, without the key', { key: 'rack', operator: 'NotIn', values: ['a'] }, true],
  ['Exists', { key: 'room', operator: 'Exists' }, true],
  ['Exists, without the key', { key: 'rack', operator: 'Exists' }, false],
  ['DoesNotExist', { key: 'room', operator: 'DoesNotExist' }, false],
  ['DoesNotExist, without the key', { key: 'rack', operator: 'DoesNotExist' }, true],
  ['Gt', { key: 'weight', operator: 'Gt', values: ['9'] }, true],
  ['Gt, of the same', { key: 'weight', operator: 'Gt', values: ['10'] }, false],
  ['Lt', { key: 'weight', operator: 'Lt', values: ['11'] }, true],
  ['Lt, of words', { key: 'room', operator: 'Lt', values: ['11'] }, false],
  ['Gt, without the key', { key: 'rack', operator: 'Gt', values: ['1'] }, false],
])('%s', (_, requirement, fits) => {
  expect(meetsAll(labels, [requirement])).toBe(fits);
});
