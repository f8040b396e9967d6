import { aliasOf, draftAlias, generationIn, readAlias } from './alias.ts';

const attachment = { network: 'real', containerId: 'c1', ifname: 'eth0' };

test('an alias tells its generation to its own attachment only', () => {
  const alias = aliasOf(attachment, 42);
  expect(alias).toBe('realip 42 c1 real');
  expect(generationIn(alias, attachment)).toBe(42);
  expect(generationIn(alias, { ...attachment, containerId: 'c2' })).toBeUndefined();
  expect(generationIn(alias, { ...attachment, network: 'other' })).toBeUndefined();
});

test('a long one is cut to what the kernel holds, and still known', () => {
  const long = { ...attachment, network: 'n'.repeat(300) };
  expect(aliasOf(long, 1)).toHaveLength(255);
  expect(generationIn(aliasOf(long, 1), long)).toBe(1);
});

test.each([undefined, '', 'uplink', 'realip', 'realip x c1 real', 'realip 1'])('%j is nobody’s', (alias) => {
  expect(generationIn(alias, attachment)).toBeUndefined();
});

test('a draft’s alias is its attachment’s own, and says no generation', () => {
  expect(draftAlias(attachment)).not.toBe(draftAlias({ ...attachment, containerId: 'c2' }));
  expect(generationIn(draftAlias(attachment), attachment)).toBeUndefined();
  expect(readAlias(draftAlias(attachment))).not.toHaveProperty('generation');
  expect(draftAlias({ ...attachment, network: 'n'.repeat(300) })).toHaveLength(255);
});

test('an alias says whose it is, unless it was cut', () => {
  expect(readAlias(aliasOf(attachment, 42))).toEqual({ network: 'real', containerId: 'c1', generation: 42 });
  expect(readAlias(draftAlias(attachment))).toEqual({ network: 'real', containerId: 'c1' });
  expect(readAlias(aliasOf({ ...attachment, network: 'n'.repeat(300) }, 1))).toBeUndefined();
});

test.each(['', 'uplink', 'realip', 'realip x c1 real', 'realip 1 c1', 'realip 1 c1 real more'])(
  '%j says nothing',
  (alias) => {
    expect(readAlias(alias)).toBeUndefined();
  },
);
