import type { LiveAttachment } from '../../../schema/node-sync.ts';
import { attachment, minute, subnet, Trial } from './testing/trial.ts';

const second = 1000;
let trial: Trial;

beforeEach(() => {
  trial = new Trial();
  trial.stock({ '10.9.0.7': 'lan', '10.9.0.8': 'lan', '10.9.0.9': 'lan' });
});

function shown(n: number, ...addresses: string[]): LiveAttachment {
  return { ...attachment(n), addresses };
}

/** The attachments that a sync would name, each with its addresses and generation, when the kernel shows these. */
function reported(...attachments: LiveAttachment[]): string[] {
  const look = trial.state.look(trial.now);
  const sight = { attachments, isWhole: true, unseen: [] };
  return trial.state
    .syncRequest(sight, look)
    .attachments.map(
      ({ containerId, addresses, generation = '-' }) => `${containerId} ${addresses} ${generation}`,
    );
}

describe('an attachment that no namespace shows', () => {
  beforeEach(() => {
    trial.given(1);
    trial.tell();
    trial.now += minute;
  });

  test('has ended after two whole looks, at least five seconds apart', () => {
    expect(trial.look([])).toEqual([]);
    trial.now += 4 * second;
    expect(trial.look([])).toEqual([]);
    trial.now += second;
    expect(trial.look([])).toEqual(['c1']);
    expect(trial.tell()).toEqual(['release c1 1']);
  });

  test('that is shown in between lives on', () => {
    trial.look([]);
    trial.now += 10 * second;
    trial.look([shown(1, '10.9.0.7')]);
    trial.now += 10 * second;
    expect(trial.look([])).toEqual([]);
  });

  test('lives on while not every namespace could be looked into: unknown means keep', () => {
    for (let n = 0; n < 5; n++) {
      trial.now += 10 * second;
      const sight = { attachments: [], isWhole: true, unseen: ['/proc/7/ns/net: EACCES'] };
      expect(trial.state.sighted(sight, trial.state.look(trial.now), trial.now)).toEqual([]);
      expect(trial.look([], false)).toEqual([]);
    }
  });

  test('a look at what may have changed counts as the first of two', () => {
    trial.look([], false);
    trial.now += 10 * second;
    expect(trial.look([])).toEqual(['c1']);
  });
});

test('an attachment whose ADD is still at work isn’t missed', () => {
  trial.given(1);
  for (const wait of [0, 5, 4]) {
    trial.now += wait * second;
    expect(trial.look([])).toEqual([]);
  }
  const early = trial.state.look(trial.now - minute);
  trial.now += minute;
  expect(trial.state.sighted({ attachments: [], isWhole: true, unseen: [] }, early, trial.now)).toEqual([]);
});

test('a clock that jumps makes no two looks of one', () => {
  trial.given(1);
  trial.now += 60 * minute;
  expect(trial.look([])).toEqual([]);
  trial.now -= 60 * minute;
  expect(trial.look([])).toEqual([]);
});

test('an attachment from before the clock was set back is missed all the same', () => {
  trial.given(1);
  trial.now -= 60 * minute;
  expect(trial.look([])).toEqual([]);
  trial.now += 5 * second;
  expect(trial.look([])).toEqual([]);
  trial.now += 5 * second;
  expect(trial.look([])).toEqual(['c1']);
});

test('an address that an interface shows is never given, whatever the records say', () => {
  trial.look([shown(9, '10.9.0.7')]);
  expect(trial.given(1)).toEqual(['10.9.0.8']);
  trial.grant({ '10.9.0.12': 'lan' });
  trial.look([shown(9, '10.9.0.7', '10.9.0.12')]);
  expect(trial.probe()).toEqual([]);
  // It stays held, lest the server give it to another.
  expect(trial.held()).toContain('10.9.0.12 probing');
  expect(trial.state.watched().get('10.9.0.12')).toBe('in-use');
});

describe('what a sync names', () => {
  test('is what the kernel shows, and what was given and isn’t visible yet', () => {
    trial.given(1);
    trial.given(2);
    expect(reported(shown(2, '10.9.0.8'), shown(5, '10.9.0.50'), shown(6))).toEqual([
      'c2 10.9.0.8 -',
      'c5 10.9.0.50 -',
      'c6  -',
      'c1 10.9.0.7 -',
    ]);
  });

  test('has the generations that the server gave, and no 0', () => {
    trial.given(1);
    trial.tell();
    expect(reported({ ...shown(1, '10.9.0.7'), generation: 0 })).toEqual(['c1 10.9.0.7 1']);
    expect(reported({ ...shown(4, '10.9.0.50'), generation: 0 })).toContain('c4 10.9.0.50 -');
    expect(reported({ ...shown(4, '10.9.0.50'), generation: 8 })).toContain('c4 10.9.0.50 8');
  });

  test('has the addresses that were given where the interface has none yet', () => {
    trial.given(1);
    expect(reported(shown(1))).toEqual(['c1 10.9.0.7 -']);
  });

  test('isn’t what ended after the look began', () => {
    trial.given(1);
    const look = trial.state.look(trial.now);
    trial.now += second;
    trial.end(1);
    const sight = { attachments: [shown(1, '10.9.0.7')], isWhole: true, unseen: [] };
    expect(trial.state.syncRequest(sight, look).attachments).toEqual([]);
  });

  test('is what the kernel shows long after its end', () => {
    trial.given(1);
    trial.end(1);
    trial.now += minute;
    expect(reported(shown(1, '10.9.0.7'))).toEqual(['c1  -']);
    trial.tell();
    expect(reported(shown(1, '10.9.0.7'))).toEqual(['c1 10.9.0.7 -']);
  });

  test('has no addresses of what began after an end that isn’t told: the record would end by it', () => {
    trial.end(1);
    trial.given(1);
    expect(reported(shown(1, '10.9.0.7'))).toEqual(['c1  -']);
    expect(trial.tell()).toEqual(['release c1', 'allocate c1 10.9.0.7']);
    expect(reported(shown(1, '10.9.0.7'))).toEqual(['c1 10.9.0.7 1']);
  });

  test('names the epoch, what the server had said when the look began, and the node’s own addresses', () => {
    const look = trial.state.look(trial.now);
    trial.now += second;
    trial.grant({});
    const sight = { attachments: [], isWhole: true, unseen: [] };
    expect(trial.state.syncRequest(sight, look, ['10.9.0.21'])).toEqual({
      attachments: [],
      epoch: 1,
      asOf: '2026-01-01T00:00:00.000Z',
      addresses: ['10.9.0.21'],
    });
  });
});

describe('a sync’s answer', () => {
  test('that has adopted an attachment records it', () => {
    trial.given(1);
    trial.sync({ adopted: [{ ...attachment(1), generation: 8, addresses: ['10.9.0.7'] }] });
    expect(trial.outbox()).toEqual([]);
    expect(trial.held()).not.toContain('10.9.0.7 ready');
    trial.end(1);
    expect(trial.tell()).toEqual(['release c1 8']);
  });

  test('that has adopted only some of a pod’s addresses leaves the others held', () => {
    const six = subnet('six', { family: 'ipv6' });
    trial.stock({ 'fd00::7': 'six' }, { subnets: [subnet('lan'), six] });
    expect(trial.given(1)).toEqual(['10.9.0.7', 'fd00::7']);
    const conflict = { ...attachment(1), address: '10.9.0.7', code: 'ADDRESS_RESERVED', why: 'it is r1’s' };
    trial.sync({
      adopted: [{ ...attachment(1), generation: 8, addresses: ['fd00::7'] }],
      conflicts: [conflict],
    });
    trial.restart();
    expect(trial.held()).toContain('10.9.0.7 ready');
    expect(trial.held()).not.toContain('fd00::7 ready');
    expect(trial.state.status().conflicts).toMatchObject([{ code: 'ADDRESS_RESERVED' }]);
    trial.end(1);
    expect(trial.tell()).toEqual(['release c1 8']);
    expect(trial.held()).not.toContain('10.9.0.7 ready');
  });

  test('that adopted one which has ended meanwhile is released by the generation that it got', () => {
    trial.given(1);
    trial.end(1);
    trial.sync({ adopted: [{ ...attachment(1), generation: 8, addresses: ['10.9.0.7'] }] });
    expect(trial.tell()).toEqual(['release c1 8']);
  });

  test('ends what the server took back or away, if it is still the same', () => {
    for (const n of [1, 2, 3]) {
      trial.given(n);
    }
    trial.tell();
    const held = (n: number, generation: number) => ({ ...attachment(n), generation, addresses: [] });
    trial.sync({ release: [held(1, 1)], revoked: [held(2, 2), held(3, 99)] });
    expect(trial.state.listed().map(({ containerId }) => containerId)).toEqual(['c3']);
    trial.tell();
    expect(trial.state.status()).toMatchObject({ attachments: 1, untold: 0 });
  });

  test('that contradicts a living pod makes it a conflict, which the next adoption ends', () => {
    trial.given(1);
    const conflict = { ...attachment(1), address: '10.9.0.7', code: 'ADDRESS_IN_USE', why: 'it is c9’s' };
    trial.sync({ conflicts: [conflict] });
    trial.sync({ conflicts: [conflict, { address: '10.9.0.21', code: 'ADDRESS_IN_USE', why: 'a pod’s' }] });
    expect(trial.state.status().conflicts).toMatchObject([{ code: 'ADDRESS_IN_USE', detail: 'it is c9’s' }]);
    trial.sync({ adopted: [{ ...attachment(1), generation: 8, addresses: ['10.9.0.7'] }] });
    expect(trial.state.status().conflicts).toEqual([]);
  });

  test('is when the node synced last, also after a restart', () => {
    expect(trial.state.status().lastSync).toBeUndefined();
    trial.now += minute;
    trial.sync({});
    trial.restart();
    expect(trial.state.status().lastSync).toBe('2026-01-01T00:01:00.000Z');
  });
});

test('a pod that only its interface tells of counts as one that lives, until its DEL comes', () => {
  trial.given(1);
  trial.look([shown(1, '10.9.0.7'), shown(2, '10.9.9.9')]);
  expect(trial.state.status().attachments).toBe(2);
  trial.state.end(attachment(2), trial.now);
  expect(trial.state.status().attachments).toBe(1);
});

test('who was missed once is looked for again soon', () => {
  trial.given(1);
  trial.now += minute;
  expect(trial.state.isInDoubt).toBe(false);
  trial.look([]);
  expect(trial.state.isInDoubt).toBe(true);
  trial.now += 6 * second;
  expect(trial.look([])).toEqual(['c1']);
  expect(trial.state.isInDoubt).toBe(false);
});

test('where a look had shown it before its DEL was heard, a whole look decides, which comes soon', () => {
  trial.given(1);
  trial.look([shown(1, '10.9.0.99')]);
  trial.now += second;
  trial.state.end(attachment(1), trial.now);
  expect(trial.state.isInDoubt).toBe(false);
  trial.now += second;
  trial.look([shown(1, '10.9.0.99')], false);
  expect(trial.state.status().attachments).toBe(0);
  expect(trial.state.isInDoubt).toBe(true);
  trial.look([shown(1, '10.9.0.99')]);
  expect(trial.state.status().attachments).toBe(1);
  expect(trial.state.isInDoubt).toBe(false);
});

test('no whole look is needed for who has ended and isn’t shown any more', () => {
  trial.given(1);
  trial.look([shown(1, '10.9.0.7')]);
  trial.now += second;
  trial.end(1);
  trial.now += second;
  trial.look([], false);
  expect(trial.state.isInDoubt).toBe(false);
});

test('a pod that ended and began again without the agent counts once a later look shows it', () => {
  trial.given(1);
  trial.look([shown(1, '10.9.0.7')]);
  trial.now += second;
  trial.state.end(attachment(1), trial.now);
  expect(trial.state.status().attachments).toBe(0);
  trial.now += second;
  trial.look([shown(1, '10.9.0.99')]);
  expect(trial.state.status().attachments).toBe(1);
});
