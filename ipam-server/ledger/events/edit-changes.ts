import type { Ledger } from '../state/ledger.ts';
import type { EpochRecord, ReservationRecord, Write } from '../state/record.ts';
import type { Change } from './event.ts';

/** An edit of a zone, subnet, range or node. */
export function objectChanges(
  ledger: Ledger,
  write: Extract<Write, { kind: 'zone' | 'subnet' | 'range' | 'node' }>,
  why: string | undefined,
): Change[] {
  const changes = editOf(write.kind, write.name, specBefore(ledger, write), write.record?.spec, why);
  return write.kind === 'node' ? changes.map((change) => ({ ...change, node: write.name })) : changes;
}

function specBefore(ledger: Ledger, { kind, name }: Pick<Write, 'kind' | 'name'>): unknown {
  switch (kind) {
    case 'zone':
      return ledger.zones.get(name)?.spec;
    case 'subnet':
      return ledger.networks.get(name)?.spec;
    case 'range':
      return ledger.ranges.get(name)?.spec;
    default:
      return ledger.nodes.get(name)?.spec;
  }
}

/** An edit of a reservation, and what it does to addresses. */
export function reservationChanges(
  ledger: Ledger,
  name: string,
  after: ReservationRecord | null,
  why: string | undefined,
): Change[] {
  const before = ledger.claims.reservations.byName.get(name);
  const had = before?.spec.addresses ?? [];
  const has = after?.spec.addresses ?? [];
  const about = { object: name, ...(why === undefined ? {} : { why }) };
  const gone = had.filter((address) => !has.includes(address));
  const come = has.filter((address) => !had.includes(address));
  return [
    ...editOf('reservation', name, before && shown(before), after === null ? undefined : shown(after), why),
    ...(gone.length > 0 ? [{ type: 'unreserved', addresses: gone, ...about }] : []),
    ...(come.length > 0 ? [{ type: 'reserved', addresses: come, ...about }] : []),
  ];
}

function shown({ spec, sticky }: ReservationRecord) {
  return { ...spec, ...(sticky === undefined ? {} : { sticky }) };
}

/** Another life of the ledger, and the end of its waiting for the nodes. */
export function epochChanges(
  before: EpochRecord | null,
  after: EpochRecord | null,
  why: string | undefined,
): Change[] {
  if (after === null) {
    return [];
  }
  const about = { addresses: [], object: String(after.value), why: why ?? after.why };
  if (before?.value !== after.value) {
    return [{ type: 'epoch.begun', ...about }];
  }
  const isSettled = before.waitingFor.length > 0 && after.waitingFor.length === 0;
  return isSettled ? [{ type: 'epoch.settled', ...about }] : [];
}

/** An edit that changes nothing, as when an agent registers its node again, is none. */
function editOf(
  kind: string,
  object: string,
  before: unknown,
  after: unknown,
  why: string | undefined,
): Change[] {
  if (JSON.stringify(before) === JSON.stringify(after)) {
    return [];
  }
  const verb = before === undefined ? 'created' : after === undefined ? 'deleted' : 'replaced';
  return [
    {
      type: `${kind}.${verb}`,
      addresses: [],
      object,
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      ...(why === undefined ? {} : { why }),
    },
  ];
}
