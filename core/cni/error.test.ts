import { Problem } from '../problem/problem.ts';
import { errorAnswer } from './error.ts';

test('a problem tells what happened, what it means and what to do, by the specification’s code', () => {
  const answer = errorAnswer(
    new Problem('MASTER_MISSING', 'there is no interface eth7 on this node'),
    '1.0.0',
  );
  expect(answer).toMatchObject({
    cniVersion: '1.0.0',
    code: 100,
    msg: 'MASTER_MISSING: there is no interface eth7 on this node',
  });
  expect(answer.details).toContain('`ip link`');
});

test('a message that quotes a whole value stays readable', () => {
  const { msg } = errorAnswer(new Problem('INVALID_NETWORK_CONFIG', 'x'.repeat(1_000_000)), '1.0.0');
  expect(msg).toHaveLength(2_000);
  expect(msg).toMatch(/^INVALID_NETWORK_CONFIG: x+…$/);
});

test('anything else is said to be a fault of ours', () => {
  expect(errorAnswer(new TypeError('x is undefined'), '0.4.0')).toMatchObject({
    code: 999,
    msg: 'x is undefined',
  });
  expect(errorAnswer('thrown text', '0.4.0').msg).toBe('thrown text');
});
