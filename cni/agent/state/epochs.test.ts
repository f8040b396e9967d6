import { Mac } from '../../../core/address/mac.ts';
import { day, minute, nobody, start, subnet, Trial } from './testing/trial.ts';

let trial: Trial;

beforeEach(() => {
  trial = new Trial();
  trial.stock({ '10.9.0.7': 'lan', '10.9.0.8': 'lan' });
});

const reserve = () => trial.state.status().reserve.map(({ address }) => address);

test('a new epoch ends the reserve, not the living: what a pod has stays held until it is recorded', () => {
  trial.given(1);
  trial.state.newEpoch(2);
  expect(trial.given(2)).toBe('wait');
  expect(trial.given(1)).toEqual(['10.9.0.7']);
  const request = trial.state.reserveRequest(trial.now, 0);
  expect(request).toMatchObject({ epoch: 2, hold: [{ address: '10.9.0.7', state: 'ready' }] });
  expect(request.asOf).toBeUndefined();
  expect(trial.tell()).toEqual(['allocate c1 10.9.0.7']);
});

test.each(['reserve', 'sync'])('a new epoch in the answer to a %s is one, too', (call) => {
  if (call === 'sync') {
    trial.sync({ epoch: 2 });
  } else {
    trial.grant({}, { epoch: 2 });
  }
  expect(reserve()).toEqual([]);
  expect(trial.state.reserveRequest(trial.now, 0).epoch).toBe(2);
});

test('the first request says what it knows of, too: a sync’s time', () => {
  trial = new Trial();
  trial.sync({});
  expect(trial.state.reserveRequest(trial.now, 0).asOf).toBe('2026-01-01T00:00:00.000Z');
  trial.state.newEpoch(2);
  trial.now += minute;
  trial.sync({ epoch: 2 });
  expect(trial.state.reserveRequest(trial.now, 0).asOf).toBe('2026-01-01T00:01:00.000Z');
});

test('a fenced node gives nothing until the server grants it anew', () => {
  trial.given(1);
  trial.state.fenced();
  expect([trial.given(2), trial.given(1)]).toEqual(['wait', ['10.9.0.7']]);
  trial.restart();
  expect(reserve()).toEqual([]);
});

test('an answer that was under way when the reserve was dropped is none', () => {
  const request = trial.state.reserveRequest(trial.now, 0);
  trial.state.fenced();
  const time = new Date(trial.now).toISOString();
  const rest = { recall: [], subnets: [subnet('lan')], nodes: 1, constraints: nobody, epoch: 1, time };
  const warm = { address: '10.9.0.7/24', subnet: 'lan', mac: '0a:58:0a:09:00:07', state: 'ready' } as const;
  trial.state.granted({ ...rest, addresses: [{ ...warm, until: time }] }, trial.now, request);
  expect(reserve()).toEqual([]);
});

test('a recalled address is given to nobody, and one that a pod has got meanwhile stays held', () => {
  trial.given(1);
  trial.grant({}, { recall: ['10.9.0.7', '10.9.0.8'] });
  expect(trial.given(2)).toBe('wait');
  expect(trial.held()).toEqual(['10.9.0.7 ready']);
  trial.tell();
  expect(trial.held()).toEqual([]);
});

test('an address that was called back and granted anew in one answer is probed anew', () => {
  const request = trial.state.reserveRequest(trial.now, 0);
  const warm = { address: '10.9.0.7/24', subnet: 'lan', mac: '0a:58:0a:09:00:07', state: 'ready' } as const;
  const until = new Date(trial.now + day).toISOString();
  const time = new Date(trial.now).toISOString();
  const rest = { subnets: [subnet('lan')], nodes: 1, constraints: nobody, epoch: 1, time };
  const answer = { addresses: [{ ...warm, until }], recall: ['10.9.0.7', '10.9.0.8'], ...rest };
  trial.state.granted(answer, trial.now, request);
  expect(trial.given(1)).toBe('wait');
  expect(trial.probe()).toEqual(['10.9.0.7']);
  expect(trial.given(1)).toEqual(['10.9.0.7']);
});

test('an answer from before a take doesn’t bring the address back', () => {
  const request = trial.state.reserveRequest(trial.now, 0);
  trial.given(1);
  trial.end(1);
  trial.tell();
  // Both sides know its end now; the answer doesn't.
  const addresses = ['10.9.0.7', '10.9.0.8'].map((address) => ({
    address: `${address}/24`,
    subnet: 'lan',
    mac: '0a:58:00:00:00:01',
    state: 'ready' as const,
    until: new Date(trial.now + day).toISOString(),
  }));
  const time = new Date(trial.now).toISOString();
  const rest = { recall: [], subnets: [subnet('lan')], nodes: 1, constraints: nobody, epoch: 1, time };
  trial.state.granted({ addresses, ...rest }, trial.now, request);
  expect(reserve()).toEqual(['10.9.0.8']);
  // Nor does the same answer, a second time or after another request.
  trial.state.reserveRequest(trial.now, 0);
  trial.state.granted({ addresses, ...rest }, trial.now, request);
  expect(reserve()).toEqual(['10.9.0.8']);
});

test('a conflict is told until the server knows of it', () => {
  const first = trial.state.toRecheck(trial.now + 9 * minute).slice(0, 1);
  const claims = first.map((ip) => ({ ip, mac: Mac.parse('02:00:00:00:00:66') }));
  trial.state.rechecked(first, claims, trial.now);
  const { hold } = trial.state.reserveRequest(trial.now, 0);
  expect(hold[0]).toEqual({ address: '10.9.0.7', state: 'conflict', mac: '02:00:00:00:00:66' });
  trial.restart();
  expect(trial.held()).toContain('10.9.0.7 conflict');
  trial.grant({}, { recall: ['10.9.0.7'] });
  expect(reserve()).toEqual(['10.9.0.8']);
});

test('nothing is given past its time, by the server’s clock', () => {
  trial = new Trial();
  trial.stock({ '10.9.0.7': 'lan' }, { time: new Date(start + 2 * minute).toISOString() });
  const check = () => trial.state.rechecked(trial.state.toRecheck(trial.now), [], trial.now);
  trial.now = start + day - 2 * minute - 1;
  check();
  trial.restart();
  check();
  expect(trial.given(1)).toEqual(['10.9.0.7']);
  trial.end(1);
  trial.stock({ '10.9.0.8': 'lan' });
  trial.now += day + 1;
  check();
  expect(trial.given(2)).toBe('wait');
});

test('after a restart with a clock that was set back, the server is heard first', () => {
  trial.given(1);
  trial.now -= 2 * minute;
  trial.restart();
  trial.state.rechecked(trial.state.toRecheck(trial.now), [], trial.now);
  expect(trial.given(2)).toBe('wait');
  trial.grant({});
  trial.state.rechecked(trial.state.toRecheck(trial.now), [], trial.now);
  expect(trial.given(2)).toEqual(['10.9.0.8']);
});
