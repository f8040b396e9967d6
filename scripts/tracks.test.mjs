import { partsOf, planOf, readyOf, secondsOf } from './tracks.mjs';

const suite = (name, more = {}) => ({ name, what: name, runner: 'jest', paths: [], needs: [], ...more });

test('parts are built in the order in which suites wait for them, each once', () => {
  const small = suite('small', { built: ['plugins'] });
  const large = suite('large', { built: ['plugins', 'kubernetes'] });
  expect(partsOf([suite('plain'), small, large])).toEqual(['plugins', 'kubernetes']);
});

test('a file runs when all that it is held against is there', () => {
  const files = [
    { file: 'plain', built: [] },
    { file: 'small', built: ['plugins'] },
    { file: 'large', built: ['plugins', 'kubernetes'] },
  ];
  expect(readyOf(files, new Set(['plugins', 'kubernetes']))).toEqual({
    ready: ['plain'],
    waiting: files.slice(1),
  });
  expect(readyOf(files, new Set(['kubernetes'])).ready).toEqual(['plain', 'small']);
  expect(readyOf(files, new Set())).toEqual({ ready: ['plain', 'small', 'large'], waiting: [] });
});

test('Jest’s files run in a pool, the longest first; the lane’s one after the other beside it, those that want the machine for themselves after all', () => {
  const homes = [
    { suite: suite('netlink', { runner: 'bun' }), files: ['netlink/b.bun.test.ts', 'netlink/a.bun.test.ts'] },
    { suite: suite('unit'), files: ['core/a.test.ts'] },
    {
      suite: suite('server', { alone: ['test/server/over'] }),
      files: ['test/server/overload.test.ts', 'test/server/csv.test.ts'],
    },
    { suite: suite('agent'), files: ['test/agent/plan.test.ts', 'test/agent/mending.test.ts'] },
    {
      suite: suite('cluster', { lane: /up/, built: ['kubernetes'] }),
      files: ['test/cluster/own.test.ts', 'test/cluster/up.test.ts'],
    },
    {
      suite: suite('house', { lane: /readme/ }),
      files: ['test/docs/readme.test.ts'],
    },
  ];
  const plain = (file) => ({ file, built: [] });
  expect(planOf(homes)).toEqual({
    tracks: [
      {
        pace: 'bun',
        files: [plain('netlink/b.bun.test.ts'), plain('netlink/a.bun.test.ts')],
      },
      {
        pace: 'pool',
        files: [
          plain('test/agent/mending.test.ts'),
          plain('test/agent/plan.test.ts'),
          plain('test/server/csv.test.ts'),
          plain('core/a.test.ts'),
          { file: 'test/cluster/own.test.ts', built: ['kubernetes'] },
        ],
      },
      {
        pace: 'lane',
        files: [
          { file: 'test/cluster/up.test.ts', built: ['kubernetes'] },
          plain('test/docs/readme.test.ts'),
        ],
      },
    ],
    alone: ['test/server/overload.test.ts'],
  });
});

test('how long a file takes is guessed by the longest known beginning of its path', () => {
  expect(secondsOf('test/agent/mending.test.ts')).toBeGreaterThan(secondsOf('test/agent/x.test.ts'));
  expect(secondsOf('core/address/ip.test.ts')).toBe(1);
});
