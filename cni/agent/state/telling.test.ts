import type { Allocation } from '../../../schema/allocation.ts';
import type { Outgoing } from './outgoing.ts';
import { attachment, minute, problem, Trial } from './testing/trial.ts';

let trial: Trial;

beforeEach(() => {
  trial = new Trial();
  trial.stock({ '10.9.0.7': 'lan', '10.9.0.8': 'lan', '10.9.0.9': 'lan' });
});

/** The only item that waits. */
function only(): Outgoing {
  const [out, ...more] = trial.state.outbox(trial.now);
  if (out === undefined || more.length > 0) {
    throw new Error(`${more.length} more items than one`);
  }
  return out;
}

/** What the server has under the name of an attachment. */
function otherwise(address: string, generation: number): Allocation {
  const ips = [{ address: `${address}/24`, subnet: 'lan' }];
  return { id: 'other', generation, mac: '0a:58:00:00:00:02', ips, routes: [], dns: {} };
}

test('a beginning is told with the address, the MAC and the pod, and with the request’s id', () => {
  trial.state.take(trial.request(1), trial.now, 'req-1');
  expect(only()).toEqual({
    is: 'allocate',
    serial: 1,
    requestId: 'req-1',
    allocate: {
      node: 'n1',
      ...attachment(1),
      pod: { namespace: 'shop', name: 'web-1' },
      mac: '0a:58:0a:09:00:07',
      addresses: ['10.9.0.7'],
      families: ['ipv4'],
    },
  });
});

test('begun and ended while the server was away: it is told of both, in order', () => {
  trial.given(1);
  trial.end(1);
  trial.restart();
  expect(trial.tell()).toEqual(['allocate c1 10.9.0.7', 'release c1 1']);
});

test('the record’s answer that comes after the end: the release names its generation', () => {
  trial.given(1);
  const out = only();
  trial.end(1);
  trial.state.told(out, trial.answerTo(out), trial.now);
  expect(trial.outbox()).toEqual(['release c1 1']);
});

test('the same answer twice, or one for something that is over, changes nothing', () => {
  trial.given(1);
  const allocate = only();
  trial.state.told(allocate, trial.answerTo(allocate), trial.now);
  const [before, other] = [trial.state.records(), trial.answerTo(allocate)];
  trial.state.told(allocate, other, trial.now);
  expect(trial.state.records()).toEqual(before);
  trial.end(1);
  const release = only();
  trial.tell();
  const after = trial.state.records();
  trial.state.told(release, trial.answerTo(release), trial.now);
  trial.state.told(allocate, other, trial.now);
  expect(trial.state.records()).toEqual(after);
});

test('an attachment that begins anew after its end gets another address, and is told after that end', () => {
  expect(trial.given(1)).toEqual(['10.9.0.7']);
  trial.end(1);
  expect(trial.take(1)).toMatchObject({ is: 'given', created: true });
  expect(trial.given(1)).toEqual(['10.9.0.8']);
  expect(trial.outbox()).toEqual(['allocate c1 10.9.0.7']);
  expect(trial.tell()).toEqual(['allocate c1 10.9.0.7', 'release c1 1', 'allocate c1 10.9.0.8']);
  expect(trial.given(1)).toEqual(['10.9.0.8']);
});

test('the attachment is the key: another pod’s uid under it changes nothing, as at the server', () => {
  const pod = { namespace: 'shop', name: 'web-1', uid: 'u1' };
  expect(trial.given(1, { pod })).toEqual(['10.9.0.7']);
  expect(trial.take(1, { pod: { ...pod, uid: 'u2' } })).toMatchObject({ is: 'given', created: false });
});

test('a pod that starts again in another sandbox gets another address', () => {
  const pod = { namespace: 'shop', name: 'web-1' };
  expect([trial.given(1, { pod }), trial.given(2, { pod })]).toEqual([['10.9.0.7'], ['10.9.0.8']]);
});

describe('a DEL', () => {
  test('of something unknown is told once, by the generation that it names', () => {
    const at = { generation: 12 };
    expect(trial.state.end(attachment(5), trial.now, at)).toBe(false);
    trial.state.end(attachment(5), trial.now, at);
    trial.state.end(attachment(5), trial.now);
    expect(trial.tell()).toEqual(['release c5 12']);
    trial.end(5);
    expect(trial.tell()).toEqual(['release c5']);
  });

  test('twice is one', () => {
    trial.given(1);
    expect([trial.end(1), trial.end(1)]).toEqual([true, false]);
    expect(trial.tell()).toEqual(['allocate c1 10.9.0.7', 'release c1 1']);
  });

  test('of another generation leaves the living one alone', () => {
    trial.given(1);
    trial.tell();
    trial.state.end(attachment(1), trial.now, { generation: 99 });
    expect(trial.given(1)).toEqual(['10.9.0.7']);
    expect(trial.tell()).toEqual(['release c1 99']);
  });

  test('from before the attachment began anew leaves it alone', () => {
    const { serial } = trial.state;
    trial.given(1);
    trial.state.end(attachment(1), trial.now, { serial });
    expect(trial.given(1)).toEqual(['10.9.0.7']);
    expect(trial.tell()).toEqual(['allocate c1 10.9.0.7']);
  });

  test('that was written down counts after a restart, whatever the clock says, and not for what began later', () => {
    trial.given(1);
    const { serial } = trial.state;
    trial.now -= 60 * minute;
    trial.restart();
    expect(trial.state.end(attachment(1), trial.now, { serial })).toBe(true);
    trial.stock({});
    trial.state.rechecked(trial.state.toRecheck(trial.now), [], trial.now);
    expect(trial.given(1)).toEqual(['10.9.0.8']);
    trial.restart();
    trial.state.end(attachment(1), trial.now, { serial });
    expect(trial.tell()).toEqual(['allocate c1 10.9.0.7', 'release c1 1', 'allocate c1 10.9.0.8']);
  });

  test('ends a second life although the first one’s end isn’t told yet', () => {
    trial.given(1);
    trial.end(1);
    trial.given(1);
    expect(trial.end(1)).toBe(true);
    expect(trial.tell()).toEqual([
      'allocate c1 10.9.0.7',
      'release c1 1',
      'allocate c1 10.9.0.8',
      'release c1 2',
    ]);
  });
});

test.each(['ADDRESS_IN_USE', 'ADDRESS_QUARANTINED', 'ADDRESS_NOT_GIVEN', 'ADDRESS_RESERVED', 'MAC_IN_USE'])(
  '%s: the pod keeps the address, which stays held; it is a conflict until the server takes it',
  (code) => {
    trial.given(1);
    expect(trial.state.told(only(), problem(code), trial.now)).toMatchObject({
      code,
      detail: `${code} it is`,
    });
    trial.restart();
    expect(trial.state.status().conflicts).toEqual([
      {
        address: '10.9.0.7',
        attachment: 'real/c1/eth0',
        pod: 'shop/web-1',
        code,
        detail: `${code} it is`,
        since: '2026-01-01T00:00:00.000Z',
      },
    ]);
    expect(trial.held()).toContain('10.9.0.7 ready');
    expect(trial.given(1)).toEqual(['10.9.0.7']);
    trial.now += minute;
    expect(trial.tell()).toEqual(['allocate c1 10.9.0.7']);
  },
);

test.each([
  ['EPOCH_PENDING', 503],
  ['NODE_FENCED', 409],
  ['NODE_UNKNOWN', 404],
  ['STORE_UNAVAILABLE', 503],
  ['OVERLOADED', 429],
  ['TOKEN_MISSING', 401],
])('%s says nothing of the pod: the same is told again', (code, status) => {
  trial.given(1);
  expect(trial.state.told(only(), problem(code, status), trial.now)).toBeUndefined();
  expect(trial.outbox()).toEqual(['allocate c1 10.9.0.7']);
  trial.end(1);
  trial.state.told(only(), problem(code, status), trial.now);
  expect(trial.tell()).toEqual(['allocate c1 10.9.0.7', 'release c1 1']);
});

test('an end that the server doesn’t want to hear of is told by that', () => {
  trial.given(1);
  trial.state.told(only(), problem('ADDRESS_IN_USE'), trial.now);
  trial.end(1);
  expect(trial.state.told(only(), problem('ADDRESS_IN_USE'), trial.now)?.code).toBe('ADDRESS_IN_USE');
  expect(trial.outbox()).toEqual([]);
  trial.end(7);
  expect(trial.state.told(only(), problem('ROLE_INSUFFICIENT', 403), trial.now)?.code).toBe(
    'ROLE_INSUFFICIENT',
  );
  expect(trial.outbox()).toEqual([]);
});

test('who had an address that rests already is told when it has rested', () => {
  trial.given(1);
  trial.end(1);
  trial.state.told(only(), problem('ADDRESS_COOLING'), trial.now);
  expect(trial.outbox()).toEqual([]);
  trial.now += minute;
  expect(trial.tell()).toEqual(['allocate c1 10.9.0.7', 'release c1 1']);
});

test('an end that another told already, after which the address rests, is told', () => {
  trial.given(1);
  const cooling = { ...problem('ADDRESS_COOLING'), attachment: 'real/c1/eth0' };
  trial.state.told(only(), cooling, trial.now);
  expect(trial.state.status().untold).toBe(1);
  trial.end(1);
  expect(trial.state.told(only(), cooling, trial.now)).toBeUndefined();
  expect(trial.state.status().untold).toBe(0);
  expect(trial.held()).not.toContain('10.9.0.7 ready');
});

test('an address that rests after somebody else says nothing of this end', () => {
  trial.given(1);
  trial.end(1);
  trial.state.told(only(), { ...problem('ADDRESS_COOLING'), attachment: 'real/c9/eth0' }, trial.now);
  trial.now += minute;
  expect(trial.tell()).toEqual(['allocate c1 10.9.0.7', 'release c1 1']);
});

describe('where the server has the attachment with another address', () => {
  beforeEach(() => {
    trial.given(1);
    expect(trial.state.told(only(), otherwise('10.9.0.99', 5), trial.now)?.code).toBe('ADDRESS_NOT_GIVEN');
    expect(trial.outbox()).toEqual([]);
  });

  test('and the pod’s interface shows ours, that record is released and ours is told', () => {
    trial.look([{ ...attachment(1), addresses: ['10.9.0.7'] }]);
    expect(trial.tell()).toEqual(['release c1 5', 'allocate c1 10.9.0.7']);
    expect(trial.state.status().conflicts).toEqual([]);
  });

  test('and the interface shows the server’s, that one is true and ours is let go', () => {
    trial.look([{ ...attachment(1), addresses: ['10.9.0.99'] }]);
    expect(trial.outbox()).toEqual([]);
    expect(trial.given(1)).toEqual(['10.9.0.99']);
    expect(trial.held()).not.toContain('10.9.0.7 ready');
    trial.end(1);
    expect(trial.tell()).toEqual(['release c1 5']);
  });

  test('and the pod has ended, both are', () => {
    trial.end(1);
    expect(trial.tell()).toEqual(['release c1 5', 'allocate c1 10.9.0.7', 'release c1 1']);
  });

  test('and the interface shows nothing yet, ours stays held', () => {
    trial.look([{ ...attachment(1), addresses: [] }]);
    trial.restart();
    expect(trial.held()).toContain('10.9.0.7 ready');
    expect(trial.outbox()).toEqual([]);
  });
});

test('what the server gave by itself is known from then on: the same again, listed, ended by its generation', () => {
  const request = trial.request(4);
  trial.state.forwarded(request, otherwise('10.9.0.99', 5), trial.now);
  expect(trial.take(4)).toMatchObject({ is: 'given', created: false, isProbed: false });
  expect(trial.state.listed()).toMatchObject([{ ...attachment(4), node: 'n1', generation: 5 }]);
  expect(trial.outbox()).toEqual([]);
  trial.end(4);
  expect(trial.tell()).toEqual(['release c4 5']);
});

test('an address that is asked for by name leaves the reserve before the server is asked', () => {
  expect(trial.given(4, { addresses: ['10.9.0.7'] })).toBe('ask');
  expect(trial.given(1)).toEqual(['10.9.0.8']);
  expect(trial.held()).not.toContain('10.9.0.7 ready');
});

test('an address that a pod has got is asked for by name when the server knows of that', () => {
  trial.given(1);
  expect(trial.given(4, { addresses: ['10.9.0.7'] })).toBe('wait');
  trial.end(1);
  expect(trial.given(4, { addresses: ['10.9.0.7'] })).toBe('wait');
  trial.tell();
  expect(trial.given(4, { addresses: ['10.9.0.7'] })).toBe('ask');
});

test('what the server gave of this node’s own reserve is in it no more', () => {
  trial.state.forwarded(trial.request(4), otherwise('10.9.0.7', 5), trial.now);
  expect(trial.held()).toEqual(['10.9.0.8 ready', '10.9.0.9 ready']);
});

test('the server’s gift beside one of the reserve: the interface shows which of them the pod has', () => {
  trial.given(1);
  trial.state.forwarded(trial.request(1), otherwise('10.9.0.99', 5), trial.now);
  trial.look([{ ...attachment(1), addresses: ['10.9.0.99'] }]);
  expect(trial.given(1)).toEqual(['10.9.0.99']);
});
