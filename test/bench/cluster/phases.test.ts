import { creationOf, deletionOf, type Look } from './phases.ts';

const look = (work: number, processor: number): Look => ({
  work: {
    sandbox: 100 * work,
    network: 30 * work,
    containerMade: 10 * work,
    containerStarted: 20 * work,
    containerStopped: 15 * work,
    sandboxStopped: 60 * work,
    networkEnded: 45 * work,
  },
  processor: { machine: 200 * processor, agent: 4 * processor, 'ipam-server': 2 * processor, webhook: 0 },
});

test('the phases of a creation add up to the mean of the pods’ ways', () => {
  const pods = [
    { asked: 1000, made: 1005, bound: 1015, running: 1815 },
    { asked: 1010, made: 1025, bound: 1045, running: 2245 },
  ];
  const { whole, phases, processor } = creationOf(pods, look(1, 1), look(3, 2));
  expect(whole).toBe(1245);
  expect(phases).toEqual({ api: 10, scheduler: 15, sandbox: 70, network: 30, containers: 30, rest: 870 });
  expect(Object.values(phases).reduce((sum, each) => sum + each)).toBe((815 + 1235) / 2);
  expect(processor).toEqual({ machine: 100, agent: 2, 'ipam-server': 1, webhook: 0 });
});

test('so do those of a deletion, and each address says when the ledger had it back', () => {
  const pods = [
    { asked: 0, ending: 5, gone: 1005, given: 900 },
    { asked: 10, ending: 15, gone: 2015, given: 1910 },
  ];
  const { whole, phases, given } = deletionOf(pods, look(1, 1), look(3, 2));
  expect(whole).toBe(2015);
  expect(phases).toEqual({ api: 5, containers: 15, network: 45, sandbox: 15, rest: 1425 });
  expect(given).toEqual([900, 1900]);
});

test('a moment that was never told is no time', () => {
  expect(() => creationOf([{ asked: 0, made: 1, bound: 2 }], look(0, 0), look(1, 1))).toThrow('running');
});
