import { SandboxMemory } from './sandbox-memory.ts';

const ready = (...ids: string[]) => ids.map((id) => ({ id, isReady: true }));

test('a sandbox is gone when two answers in a row, five seconds apart, lack it', () => {
  const memory = new SandboxMemory();
  memory.observe(ready('a', 'b'), 0);
  memory.observe(ready('b'), 10_000);
  expect(memory.isGone('a')).toBe(false);
  memory.observe(ready('b'), 12_000);
  expect(memory.isGone('a')).toBe(false);
  memory.observe(ready('b'), 20_000);
  expect(memory.isGone('a')).toBe(true);
  expect(memory.isGone('b')).toBe(false);
});

test('one that the runtime never had is not gone: others make pods too', () => {
  const memory = new SandboxMemory();
  for (let now = 0; now < 60_000; now += 10_000) {
    memory.observe(ready('a'), now);
  }
  expect(memory.isGone('cnitool')).toBe(false);
});

test('one that comes back lives', () => {
  const memory = new SandboxMemory();
  memory.observe(ready('a'), 0);
  memory.observe([], 10_000);
  memory.observe(ready('a'), 20_000);
  memory.observe([], 30_000);
  expect(memory.isGone('a')).toBe(false);
  memory.observe([], 40_000);
  expect(memory.isGone('a')).toBe(true);
  memory.observe(ready('a'), 50_000);
  expect(memory.isGone('a')).toBe(false);
});

test('only what is ready lives for sure: after a start of the node all others wait to be removed', () => {
  const memory = new SandboxMemory();
  expect(memory.isReady('a')).toBe(false);
  memory.observe([...ready('a'), { id: 'b', isReady: false }], 0);
  expect(['a', 'b'].map((id) => memory.isReady(id))).toEqual([true, false]);
});

test('what nobody asks about any more is forgotten', () => {
  const memory = new SandboxMemory();
  memory.observe(ready('a', 'b'), 0);
  memory.observe([], 10_000);
  memory.observe([], 20_000);
  memory.keepOnly(new Set(['b']));
  expect(['a', 'b'].map((id) => memory.isGone(id))).toEqual([false, true]);
});
