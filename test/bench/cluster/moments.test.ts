import { after, type Moments, type PodEvent } from './moments.ts';

const pod = (type: PodEvent['type'], change: Partial<PodEvent['object']> = {}): PodEvent => ({
  type,
  object: { metadata: { name: 'a' }, spec: {}, status: { phase: 'Pending' }, ...change },
});
const spec = { nodeName: 'mac-1' };
const ready = {
  phase: 'Running',
  podIP: '10.9.1.7',
  conditions: [{ type: 'Ready', status: 'True' }],
};
const metadata = { name: 'a', deletionTimestamp: '2026-01-31T08:15:00Z' };

test('each moment of a pod’s life is that of the first event that shows it', () => {
  const events = [
    pod('ADDED'),
    pod('MODIFIED', { spec }),
    pod('MODIFIED', { spec, status: { ...ready, phase: 'Pending' } }),
    pod('MODIFIED', { spec, status: { ...ready, conditions: [] } }),
    pod('MODIFIED', { spec, status: ready }),
    pod('MODIFIED', { spec, status: ready }),
    pod('MODIFIED', { spec, status: ready, metadata }),
    pod('DELETED', { spec, status: ready, metadata }),
  ];
  const moments = events.reduce<Moments>((before, event, index) => after(before, event, index), {});
  expect(moments).toEqual({ made: 0, bound: 1, address: '10.9.1.7', running: 4, ending: 6, gone: 7 });
});
