import { EventLedger, quiet } from './event-ledger.ts';

const pod = { namespace: 'shop', name: 'web-0', uid: 'u1' };
const minute = 60_000;

test('the first telling makes an event on the pod', () => {
  const due = new EventLedger('n1').told(pod, 'AddressConflict', 'somebody has 10.9.1.5', 0);
  expect(due).toMatchObject({
    is: 'create',
    event: {
      metadata: { namespace: 'shop', name: expect.stringMatching(/^web-0\.[0-9a-f]+$/) },
      involvedObject: { apiVersion: 'v1', kind: 'Pod', ...pod },
      type: 'Warning',
      reason: 'AddressConflict',
      message: 'somebody has 10.9.1.5',
      source: { component: 'realip-agent', host: 'n1' },
      firstTimestamp: '1970-01-01T00:00:00.000Z',
      count: 1,
    },
  });
});

test('one pod hears one reason once in five minutes; what came between is counted', () => {
  const ledger = new EventLedger('n1');
  const tell = (now: number) => ledger.told(pod, 'AddressConflict', `at ${now}`, now);
  const first = tell(0);
  expect([1, 2, quiet - 1].map(tell)).toEqual([undefined, undefined, undefined]);
  const second = tell(quiet);
  expect(second).toMatchObject({
    is: 'patch',
    path: `/namespaces/shop/events/${first?.event.metadata.name}`,
    event: { count: 5, message: `at ${quiet}`, firstTimestamp: first?.event.firstTimestamp },
  });
  expect(tell(quiet + 1)).toBeUndefined();
  expect(tell(2 * quiet)).toMatchObject({ is: 'patch', event: { count: 7 } });
});

test('another reason, another pod, and one of the same name later have events of their own', () => {
  const ledger = new EventLedger('n1');
  const names = [
    ledger.told(pod, 'AddressConflict', 'm', 0),
    ledger.told(pod, 'AddressReserveEmpty', 'm', 0),
    ledger.told({ ...pod, name: 'web-1' }, 'AddressConflict', 'm', 0),
    ledger.told({ ...pod, uid: 'u2' }, 'AddressConflict', 'm', 0),
  ].map((due) => due?.event.metadata.name);
  expect(new Set(names).size).toBe(4);
  expect(names).not.toContain(undefined);
});

test('after an hour of silence it is a new event: the API server has forgotten the old one', () => {
  const ledger = new EventLedger('n1');
  ledger.told(pod, 'AddressConflict', 'm', 0);
  expect(ledger.told(pod, 'AddressConflict', 'm', 59 * minute)).toMatchObject({ is: 'patch' });
  expect(ledger.told(pod, 'AddressConflict', 'm', 119 * minute)).toMatchObject({ is: 'create' });
});

test('the name of an event is one that the API server takes, however long the pod’s is', () => {
  const name = `${'a'.repeat(219)}-${'b'.repeat(33)}`;
  const due = new EventLedger('n1').told({ ...pod, name }, 'AddressConflict', 'm'.repeat(5_000), Date.now());
  expect(due?.event.metadata.name).toMatch(/^a{219}\.[0-9a-f]+$/);
  expect(due?.event.message.length).toBe(1024);
});

test('pods that came and went don’t use up memory: the oldest are forgotten', () => {
  const ledger = new EventLedger('n1');
  for (let number = 0; number <= 1_000; number++) {
    ledger.told({ ...pod, name: `web-${number}` }, 'AddressConflict', 'm', number);
  }
  expect(ledger.told({ ...pod, name: 'web-0' }, 'AddressConflict', 'm', 1_001)).toMatchObject({
    is: 'create',
  });
  expect(ledger.told({ ...pod, name: 'web-1000' }, 'AddressConflict', 'm', 1_001)).toBeUndefined();
});
