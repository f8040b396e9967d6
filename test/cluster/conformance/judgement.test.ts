import { exceptions } from './exceptions.ts';
import { judge, strangers, sumOf } from './judgement.ts';

const known = [{ spec: 'HostPort', planes: ['macvlan'] as const, reason: 'no portmap on this way' }];
const seen = (name: string, state: 'passed' | 'failed' | 'skipped', why = '') => ({
  name,
  state,
  seconds: 3,
  why,
});

test('what is known to be impossible excuses a failure on its own data plane, and on no other', () => {
  const cases = [seen('HostPort', 'failed', 'timed out'), seen('DNS', 'passed')];
  const onMacvlan = judge(cases, known, 'macvlan');
  expect(onMacvlan[0]).toMatchObject({ state: 'excused', why: 'no portmap on this way' });
  expect(sumOf(onMacvlan)).toBe('1 passed, 0 failed, 1 skipped');
  const onPtp = judge(cases, known, 'ptp');
  expect(onPtp[0]).toMatchObject({ state: 'failed', why: 'timed out' });
  expect(sumOf(onPtp)).toBe('1 passed, 1 failed, 0 skipped');
});

test('what passes although it can’t is passed, and a surprise', () => {
  expect(judge([seen('HostPort', 'passed')], known, 'macvlan')).toEqual([
    { name: 'HostPort', state: 'passed', seconds: 3, why: '', isSurprise: true },
  ]);
  expect(judge([seen('HostPort', 'passed')], known, 'ptp')[0]?.isSurprise).toBe(false);
});

test('a spec that skips itself has not passed', () => {
  const [judgement] = judge([seen('DNS', 'skipped', 'skipped: needs 3 nodes')], known, 'ptp');
  expect(judgement).toMatchObject({ state: 'failed', why: 'skipped: needs 3 nodes' });
});

test('an exception that names no spec is found', () => {
  expect(strangers(['DNS'], known)).toEqual(['HostPort']);
  expect(strangers(['DNS', 'HostPort'], known)).toEqual([]);
});

test('no spec is excused twice, and each has a reason', () => {
  expect(new Set(exceptions.map(({ spec }) => spec)).size).toBe(exceptions.length);
  for (const { reason, planes } of exceptions) {
    expect(reason.length).toBeGreaterThan(40);
    expect(planes.length).toBeGreaterThan(0);
  }
});
