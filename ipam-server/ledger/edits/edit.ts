import { Problem } from '../../../core/problem/problem.ts';
import type { Decision } from '../decision.ts';
import type { Ledger } from '../state/ledger.ts';
import type { Write } from '../state/record.ts';

/** What If-Match and If-None-Match ask of the object before an edit. */
export interface Precondition {
  /** Revisions of which the object must have one; "any" asks only that it exists. */
  readonly revisions?: readonly number[] | 'any';
  /** The object must not exist yet. */
  readonly absent?: boolean;
}

/** How an edit is asked for. */
export interface Asked extends Precondition {
  /** Whoever has an address that goes keeps it until he ends, instead of standing in the way. */
  readonly drain?: boolean;
}

/** A user of an object, as a refusal to take the object away names it. */
export interface User {
  readonly kind: 'subnet' | 'range' | 'node' | 'reservation' | 'allocation' | 'reserve';
  readonly name: string;
  readonly node?: string;
  readonly pod?: string;
  readonly addresses?: readonly string[];
}

/** The answer to PUT: whether the object is new, and its revision. */
export interface Put {
  readonly created: boolean;
  readonly revision: number;
}

/** @throws Problem PRECONDITION_FAILED */
export function checkPrecondition(
  present: { readonly revision: number } | undefined,
  asked: Precondition,
): void {
  const { revisions, absent } = asked;
  if (absent === true && present !== undefined) {
    throw new Problem('PRECONDITION_FAILED', 'the object exists already');
  }
  if (revisions === undefined) {
    return;
  }
  if (present === undefined) {
    throw new Problem('PRECONDITION_FAILED', 'the object does not exist');
  }
  if (revisions !== 'any' && !revisions.includes(present.revision)) {
    throw new Problem('PRECONDITION_FAILED', `the object’s ETag is "${present.revision}" by now`);
  }
}

const named = 5;
const listed = 100;

/** @throws Problem IN_USE, naming the users, when there are any; a `reserve` is named by its node */
export function refuseWhileUsed(what: string, users: readonly User[]): void {
  if (users.length === 0) {
    return;
  }
  const names = users.slice(0, named).map((user) => {
    const addresses = user.addresses === undefined ? '' : ` (${user.addresses.join(', ')})`;
    return `${user.kind} ${user.pod ?? user.name}${addresses}`;
  });
  const more = users.length > named ? ` and ${users.length - named} more` : '';
  throw new Problem('IN_USE', `${what} is used by ${names.join(', ')}${more}`, {
    users: users.slice(0, listed),
    userCount: users.length,
  });
}

/**
 * The next sequence number, with the record that keeps it from being given again.
 *
 * @param ahead 2 for the second of one decision, and so on
 */
export function nextSequence(ledger: Ledger, ahead = 1): { readonly value: number; readonly write: Write } {
  const value = ledger.sequence + ahead;
  return { value, write: { kind: 'meta', name: 'sequence', record: { value } } };
}

/** The object as its edit leaves it, under a new revision. */
export function putting(
  ledger: Ledger,
  present: object | undefined,
  writeOf: (revision: number) => Write,
): Decision<Put> {
  const { value: revision, write } = nextSequence(ledger);
  return { writes: [write, writeOf(revision)], answer: { created: present === undefined, revision } };
}

/**
 * Deletes what nobody uses; what is not there is deleted already.
 *
 * @throws Problem PRECONDITION_FAILED, IN_USE
 */
export function deleting(
  present: { readonly revision: number } | undefined,
  asked: Precondition,
  { kind, name }: Pick<Write, 'kind' | 'name'>,
  usersOf: () => readonly User[],
): Decision<undefined> {
  checkPrecondition(present, asked);
  if (present === undefined) {
    return { writes: [], answer: undefined };
  }
  refuseWhileUsed(`${kind} ${name}`, usersOf());
  return { writes: [{ kind, name, record: null }], answer: undefined };
}
