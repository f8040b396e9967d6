import { nextWave, partsOf, planOf, secondsOf } from './waves.mjs';

const suite = (name, more = {}) => ({ name, what: name, runner: 'jest', paths: [], needs: [], ...more });
const plain = suite('plain');
const small = suite('small', { built: ['plugins'] });
const large = suite('large', { built: ['plugins', 'kubernetes'] });

test('suites whose parts are there run, and those that wait for one don’t', () => {
  const suites = [plain, small, large];
  expect(nextWave(suites, new Set(['plugins', 'kubernetes']))).toEqual([plain]);
  expect(nextWave(suites, new Set(['kubernetes']))).toEqual([plain, small]);
  expect(nextWave(suites, new Set())).toEqual(suites);
  expect(nextWave([large], new Set(['kubernetes']))).toEqual([]);
});

test('parts are built in the order in which suites wait for them, each once', () => {
  expect(partsOf([plain, small, large])).toEqual(['plugins', 'kubernetes']);
});

test('Jest’s files run beside each other, the longest first; those that want the machine for themselves after that', () => {
  const server = suite('server', { alone: ['test/server/over'] });
  const wave = [
    { suite: suite('netlink', { runner: 'bun' }), files: ['netlink/b.bun.test.ts', 'netlink/a.bun.test.ts'] },
    { suite: suite('unit'), files: ['core/a.test.ts'] },
    { suite: server, files: ['test/server/overload.test.ts', 'test/server/csv.test.ts'] },
    { suite: suite('agent'), files: ['test/agent/plan.test.ts', 'test/agent/mending.test.ts'] },
  ];
  expect(planOf(wave)).toEqual({
    bun: ['netlink/b.bun.test.ts', 'netlink/a.bun.test.ts'],
    beside: [
      'test/agent/mending.test.ts',
      'test/agent/plan.test.ts',
      'test/server/csv.test.ts',
      'core/a.test.ts',
    ],
    alone: ['test/server/overload.test.ts'],
  });
});

test('how long a file takes is guessed by the longest known beginning of its path', () => {
  expect(secondsOf('test/agent/mending.test.ts')).toBeGreaterThan(secondsOf('test/agent/x.test.ts'));
  expect(secondsOf('core/address/ip.test.ts')).toBe(1);
});
