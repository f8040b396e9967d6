import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import { minute, problem, Trial } from './testing/trial.ts';

const rogue = Mac.parse('02:00:00:00:00:66');
let trial: Trial;

beforeEach(() => {
  trial = new Trial();
});

test('an address is given once it is granted and probed', () => {
  expect(trial.given(1)).toBe('ask');
  trial.grant({ '10.9.0.7': 'lan' });
  expect(trial.given(1)).toBe('wait');
  expect(trial.probe()).toEqual(['10.9.0.7']);
  expect(trial.take(1)).toMatchObject({
    is: 'given',
    created: true,
    isProbed: true,
    allocation: {
      generation: 0,
      mac: '0a:58:0a:09:00:07',
      ips: [{ address: '10.9.0.7/24', gateway: '10.9.0.1', subnet: 'lan', range: 'lan-shared' }],
    },
  });
});

test('how many nodes the zone has is known before the server is heard again', () => {
  const trial = new Trial();
  expect(trial.state.nodes).toBe(1);
  trial.grant({ '10.9.1.1': 'lan' });
  trial.restart();
  expect(trial.state.nodes).toBe(2);
});

test('the same attachment has the same address, a second time and after a restart', () => {
  trial.stock({ '10.9.0.7': 'lan', '10.9.0.8': 'lan' });
  expect(trial.given(1)).toEqual(['10.9.0.7']);
  expect(trial.take(1)).toMatchObject({ is: 'given', created: false });
  trial.restart();
  expect(trial.given(1)).toEqual(['10.9.0.7']);
});

test('the server is told of a beginning, then of its end, by the generation that it gave', () => {
  trial.stock({ '10.9.0.7': 'lan' });
  trial.given(1);
  expect(trial.tell()).toEqual(['allocate c1 10.9.0.7']);
  expect(trial.tell()).toEqual([]);
  expect(trial.end(1)).toBe(true);
  expect(trial.state.isTelling({ network: 'real', containerId: 'c1', ifname: 'eth0' })).toBe(true);
  expect(trial.tell()).toEqual(['release c1 1']);
  expect(trial.state.status()).toMatchObject({ attachments: 0, untold: 0 });
  expect(trial.state.isTelling({ network: 'real', containerId: 'c1', ifname: 'eth0' })).toBe(false);
});

test('the server is asked for no family but those that the pod has', () => {
  trial.stock({ '10.9.0.7': 'lan' });
  trial.given(1, { families: ['ipv4'] });
  expect(trial.state.outbox(trial.now)).toMatchObject([
    { allocate: { addresses: ['10.9.0.7'], families: ['ipv4'] } },
  ]);
});

test('what a pod has stays in hold until the server has recorded it', () => {
  trial.stock({ '10.9.0.7': 'lan', '10.9.0.8': 'lan' });
  trial.given(1);
  expect(trial.held()).toEqual(['10.9.0.8 ready', '10.9.0.7 ready']);
  trial.tell();
  expect(trial.held()).toEqual(['10.9.0.8 ready']);
});

test('an address that a rogue host claims is never given to a pod', () => {
  trial.stock({ '10.9.0.7': 'lan', '10.9.0.8': 'lan' });
  expect(trial.state.claimed(Ip.parse('10.9.0.7'), rogue, trial.now)).toBe('reserve');
  expect(trial.given(1)).toEqual(['10.9.0.8']);
  expect(trial.given(2)).toBe('wait');
  expect(trial.state.claimed(Ip.parse('10.9.0.8'), rogue, trial.now)).toBe('in-use');
  expect(trial.state.status().conflicts).toMatchObject([{ address: '10.9.0.8', code: 'claimed' }]);
  expect(trial.held()).toContain('10.9.0.7 conflict');
});

test('what the server refuses to record is kept, told, and tried again after a minute', () => {
  trial.stock({ '10.9.0.7': 'lan' });
  trial.given(1);
  const [out] = trial.state.outbox(trial.now);
  if (out === undefined) {
    throw new Error('nothing to tell');
  }
  expect(trial.state.told(out, problem('ADDRESS_IN_USE'), trial.now)?.code).toBe('ADDRESS_IN_USE');
  expect(trial.state.status().conflicts).toMatchObject([{ address: '10.9.0.7', code: 'ADDRESS_IN_USE' }]);
  expect(trial.held()).toEqual(['10.9.0.7 ready']);
  expect(trial.outbox()).toEqual([]);
  trial.now += minute;
  expect(trial.tell()).toEqual(['allocate c1 10.9.0.7']);
  expect(trial.state.status().conflicts).toEqual([]);
});

test('a claim on a living pod’s address is told once the server knows of the pod, also after its end and a restart', () => {
  trial.stock({ '10.9.0.7': 'lan' });
  const ip = Ip.parse('10.9.0.7');
  trial.given(1);
  expect(trial.state.claimed(ip, rogue, trial.now)).toBe('in-use');
  expect(trial.state.claimed(ip, rogue, trial.now)).toBe('in-use');
  expect(trial.state.claimsToTell()).toEqual([]);
  const [allocate] = trial.state.outbox(trial.now);
  if (allocate !== undefined) {
    trial.state.told(allocate, trial.answerTo(allocate), trial.now);
  }
  trial.end(1);
  trial.restart();
  const claims = trial.state.claimsToTell();
  expect(claims).toEqual([{ ip: '10.9.0.7', mac: rogue.toString(), at: trial.now }]);
  claims.forEach((claim) => {
    trial.state.claimTold(claim);
  });
  trial.restart();
  expect(trial.state.claimsToTell()).toEqual([]);
  expect(trial.state.claimed(ip, rogue, trial.now)).toBeUndefined();
});

test('both of a pod’s addresses may be claimed; another claimer is told, too, and the pod’s own MAC is a twin’s', () => {
  trial.stock({ '10.9.0.7': 'lan' });
  trial.given(1);
  trial.tell();
  const ip = Ip.parse('10.9.0.7');
  const own = Mac.derived('0a:58', ip);
  for (const mac of [rogue, own]) {
    expect(trial.state.claimed(ip, mac, trial.now)).toBe('in-use');
    expect(trial.state.claimsToTell().map((claim) => claim.mac)).toEqual([mac.toString()]);
  }
});
