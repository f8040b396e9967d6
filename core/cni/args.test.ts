import { parseArgs } from './args.ts';

test('pairs are read in any order, values may hold an equals sign', () => {
  expect(parseArgs('K8S_POD_NAME=web=1;IP=10.9.1.7;IgnoreUnknown=0;K8S_POD_NAMESPACE=shop')).toEqual({
    K8S_POD_NAME: 'web=1',
    IP: '10.9.1.7',
    K8S_POD_NAMESPACE: 'shop',
  });
  expect(parseArgs('')).toEqual({});
});

test('IgnoreUnknown counts wherever it stands', () => {
  for (const text of [
    'IgnoreUnknown=1;X=1',
    'X=1;IgnoreUnknown=true',
    'X=1;IP=10.9.1.7;IgnoreUnknown=TRUE',
  ]) {
    expect(() => parseArgs(text)).not.toThrow();
  }
});

test('unknown keys without IgnoreUnknown are named all at once', () => {
  expect(() => parseArgs('X=1;IP=10.9.1.7;Y=2')).toThrow('X, Y');
  expect(() => parseArgs('X=1;IgnoreUnknown=false')).toThrow('X');
});

test.each(['X', '=1', 'IgnoreUnknown=perhaps'])('%j is refused', (text) => {
  expect(() => parseArgs(text)).toThrow(expect.objectContaining({ code: 'INVALID_ENVIRONMENT' }));
});

test('names of JavaScript’s own objects are keys like any other', () => {
  expect(() => parseArgs('__proto__=1')).toThrow('__proto__');
  expect(() => parseArgs('constructor=1')).toThrow('constructor');
});
