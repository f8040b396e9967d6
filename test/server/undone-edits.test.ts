import fc from 'fast-check';
import { Ip } from '../../core/address/ip.ts';
import { Problem } from '../../core/problem/problem.ts';
import { mapOf } from '../../ipam-server/ledger/addresses/usage.ts';
import { allocate } from '../../ipam-server/ledger/allocation/allocate.ts';
import type { Decision } from '../../ipam-server/ledger/decision.ts';
import { putRange } from '../../ipam-server/ledger/edits/range-edits.ts';
import { putReservation } from '../../ipam-server/ledger/edits/reservation-edits.ts';
import { putSubnet } from '../../ipam-server/ledger/edits/subnet-edits.ts';
import { putZone } from '../../ipam-server/ledger/edits/zone-edits.ts';
import type { Ledger } from '../../ipam-server/ledger/state/ledger.ts';
import { Attempt } from '../../ipam-server/store/attempt.ts';
import { attachment, LedgerTrial } from './ledger-trial.ts';

type Edit = (ledger: Ledger, now: number) => Decision<unknown>;

const address = fc.integer({ min: 0, max: 15 }).map((n) => `10.9.0.${n}`);
const span = fc.tuple(address, address).map(([a, b]) => {
  const isInOrder = Ip.parse(a).compare(Ip.parse(b)) <= 0;
  return isInOrder ? { start: a, end: b } : { start: b, end: a };
});
const node = fc.constantFrom({}, { node: 'n1' }, { node: 'n2' });
const cidr = fc.constantFrom('10.9.0.0/28', '10.9.0.0/27', '10.9.1.0/28', '10.9.0.0/29');

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(fc.constantFrom('shared', 'own', 'new'), span, node, fc.boolean()).map(
    ([name, range, own, disabled]): Edit =>
      (ledger) =>
        putRange(ledger, name, { subnet: 'four', ...range, ...own, ...(disabled ? { disabled } : {}) }, {}),
  ),
  fc.tuple(fc.constantFrom('four', 'other'), cidr, fc.array(address, { maxLength: 2 })).map(
    ([name, cidr, excludes]): Edit =>
      (ledger) =>
        putSubnet(ledger, name, { zone: 'real', cidr, excludes, cooldownSeconds: 10 }, {}),
  ),
  fc.tuple(fc.constantFrom('r', 's'), fc.uniqueArray(address, { minLength: 1, maxLength: 3 })).map(
    ([name, addresses]): Edit =>
      (ledger, now) =>
        putReservation(ledger, name, { addresses }, {}, now),
  ),
  fc.constantFrom<Edit>(
    (ledger) => putZone(ledger, 'real', { type: 'overlay' }, {}),
    (ledger) => putZone(ledger, 'z', { type: 'overlay' }, {}),
  ),
);

/** What happened before: who came, who left, what is held in reserve, what is reserved. */
const past = fc.array(
  fc.oneof(
    fc.record({ come: fc.integer({ min: 0, max: 9 }), on: fc.constantFrom('n1', 'n2') }),
    fc.record({ leave: fc.integer({ min: 0, max: 9 }) }),
    fc.record({ hold: fc.integer({ min: 1, max: 3 }), on: fc.constantFrom('n1', 'n2') }),
    fc.record({ reserve: fc.uniqueArray(address, { minLength: 1, maxLength: 2 }) }),
    fc.record({ wait: fc.integer({ min: 1, max: 12_000 }) }),
  ),
  { maxLength: 14 },
);

/** All that can be seen of a ledger, and what it gives from now on. */
function seen(ledger: Ledger, now: number) {
  const { zones, networks, ranges, claims } = ledger;
  const byName = <Value>(entries: Iterable<readonly [string, Value]>) =>
    [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  const told = {
    zones: byName(zones),
    subnets: byName([...networks].map(([name, { record }]) => [name, record] as const)),
    ranges: byName(ranges),
    reservations: byName(claims.reservations.byName),
    warm: byName(claims.allWarm()),
    cells: byName(networks).map(([, network]) => mapOf(ledger, network, now, 1000, undefined).items),
  };
  const text = JSON.stringify(told);
  const given = [];
  for (let n = 100; n < 140; n++) {
    const request = { node: n % 3 === 0 ? 'n2' : 'n1', ...attachment(n) };
    try {
      const decision = allocate(ledger, request, { now: now + n * 1_000, id: `id-${n}` });
      decision.writes.forEach((write) => void ledger.apply(write));
      given.push(decision.answer.allocation.ips.map((ip) => ip.address));
    } catch (error) {
      given.push(error instanceof Problem ? error.code : error);
    }
  }
  return { text, given };
}

test('addresses whose reservation moves away unused come in order, as for a restarted server', () => {
  const trial = new LedgerTrial();
  trial.putReservation('r', { addresses: ['10.9.0.9', '10.9.0.8'] });
  trial.reserve('n1', { hold: [], want: { four: 1 } });
  trial.putReservation('r', { addresses: ['10.9.0.1'] });
  expect(seen(trial.ledger, trial.now)).toEqual(seen(trial.restarted(), trial.now));
});

test('edits that are undone leave no trace: what is told and given is what a restarted server has', () => {
  let taken = 0;
  fc.assert(
    fc.property(past, fc.array(edit, { minLength: 1, maxLength: 6 }), (events, edits) => {
      const trial = new LedgerTrial();
      for (const event of events) {
        if ('come' in event) {
          trial.allocate({ node: event.on, ...attachment(event.come) });
        } else if ('leave' in event) {
          trial.release(attachment(event.leave));
        } else if ('hold' in event) {
          trial.reserve(event.on, { hold: [], want: { four: event.hold } });
        } else if ('reserve' in event) {
          trial.putReservation('r', { addresses: event.reserve });
        } else {
          trial.now += event.wait;
        }
      }
      const attempt = new Attempt(trial.ledger);
      for (const decide of edits) {
        try {
          attempt.take(decide(trial.ledger, trial.now), trial.now);
          taken++;
        } catch (error) {
          expect(error).toBeInstanceOf(Problem);
        }
      }
      attempt.undo();
      expect(seen(trial.ledger, trial.now)).toEqual(seen(trial.restarted(), trial.now));
    }),
    { numRuns: 300 },
  );
  expect(taken).toBeGreaterThan(100);
});
