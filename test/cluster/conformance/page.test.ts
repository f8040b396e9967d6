import { sectionOf, withSection } from './page.ts';

const common = { seconds: 12.6, isSurprise: false };
const judgements = [
  {
    ...common,
    name: '[sig-network] Services should serve | all [LinuxOnly] [Conformance]',
    state: 'failed' as const,
    why: 'timed out\n  at <here>',
  },
  {
    ...common,
    name: '[sig-network] DNS answers [NodeConformance] [Conformance]',
    state: 'passed' as const,
    why: '',
  },
  {
    ...common,
    name: '[sig-network] HostPort validates [Conformance]',
    state: 'excused' as const,
    why: 'no portmap here',
  },
];

test('a section names versions and sum, and each spec in a row', () => {
  const section = sectionOf(judgements, { Kubernetes: '1.34.4', realip: '0.1.0' }, '2026-11-22');
  expect(section.split('\n')).toEqual([
    'On 2026-11-22, with Kubernetes 1.34.4, realip 0.1.0: **1 passed, 1 failed, 1 skipped**.',
    '',
    '| Spec | | Seconds |',
    '|---|---|---|',
    '| DNS answers | passed | 13 |',
    '| HostPort validates | can’t: no portmap here | 13 |',
    '| Services should serve \\| all | **failed**: timed out at &lt;here> | 13 |',
    '',
  ]);
});

test('a section takes the place of the one before, and nothing else changes', () => {
  const page = 'A\n<!-- macvlan -->\nold\n<!-- /macvlan -->\nB\n<!-- ptp -->\n<!-- /ptp -->\nC\n';
  expect(withSection(page, 'macvlan', 'new\n')).toBe(
    'A\n<!-- macvlan -->\nnew\n<!-- /macvlan -->\nB\n<!-- ptp -->\n<!-- /ptp -->\nC\n',
  );
  expect(() => withSection('nothing', 'ptp', 'new\n')).toThrow('<!-- ptp -->');
});
