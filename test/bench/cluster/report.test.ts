import { ratioOf } from '../statistics.ts';
import { comparisonsOf, figuresOf, phaseTable, type Series } from './report.ts';
import type { Round } from './round.ts';

const processor = { machine: 200, agent: 4, 'ipam-server': 2, webhook: 1 };

function round(whole: number, given: readonly number[] = []): Round {
  return {
    creation: {
      whole,
      processor,
      phases: { api: 1, scheduler: 2, sandbox: 3, network: whole / 10, containers: 4, rest: 5 },
    },
    deletion: {
      whole: 2 * whole,
      processor,
      phases: { api: 1, containers: 2, network: 3, sandbox: 4, rest: whole / 10 },
      given,
    },
  };
}

function series(size: number): Series {
  return {
    size,
    ours: [round(300, [900, 800, 1000]), round(500, [700])],
    theirs: [
      { peer: 'one', rounds: [round(200), round(250)] },
      { peer: 'two', rounds: [round(100), round(100)] },
    ],
  };
}

test('realip is held against each peer, round by round', () => {
  const all = comparisonsOf(series(30));
  expect(all.map(({ name, peer }) => `${name} – ${peer}`).slice(0, 2)).toEqual([
    '30 pods: from the call until the last is Running – one',
    '30 pods: from the call until the last is Running – two',
  ]);
  expect(all.slice(0, 2).map(ratioOf)).toEqual([1.5, 3]);
  expect(all).toHaveLength(12);
});

test('of a single pod no processor time is told: an idle cluster takes as much', () => {
  const told = [...comparisonsOf(series(1)), ...figuresOf(series(1))].map(({ name }) => name);
  expect(told.filter((name) => name.includes('processor'))).toEqual([]);
  expect(told).toContain('1 pod: from the call until the ledger has the address back');
});

test('the ledger has addresses back after the median pod’s time, and the last one’s', () => {
  expect(figuresOf(series(30))[0]?.value).toBe('800 ms; 1000 ms');
});

test('the table has the medians of each phase, plane beside plane, and their sum', () => {
  const lines = phaseTable([series(1)]).split('\n');
  expect(lines[0]).toBe('| The mean pod’s way, in ms | realip | one | two |');
  expect(lines).toContain('| 1 pod, made: network (CNI ADD) | 30 | 20 | 10 |');
  expect(lines).toContain('| **1 pod, made: sum** | 45 | 35 | 25 |');
  expect(lines).toContain('| **1 pod, ended: sum** | 40 | 30 | 20 |');
});
