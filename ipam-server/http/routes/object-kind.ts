import type { Static, TObject } from 'typebox';
import type { ProblemCode } from '../../../core/problem/registry.ts';
import type { Decision } from '../../ledger/decision.ts';
import type { Asked, Put } from '../../ledger/edits/edit.ts';
import type { Effect } from '../../ledger/edits/effect.ts';
import type { Ledger } from '../../ledger/state/ledger.ts';

/** An object as the ledger keeps it. */
interface Kept<Spec> {
  readonly revision: number;
  readonly spec: Spec;
}

/** A kind of named object: what it is called, and what the ledger does with it. */
export interface ObjectKind<Schema extends TObject> {
  /** In the path: `zones`. */
  readonly plural: string;
  /** In the path’s parameter: `zone`. */
  readonly singular: string;
  /** In the description, and in generated clients: `Zone`. */
  readonly title: string;
  readonly schema: Schema;
  readonly description: string;
  readonly exampleName: string;
  readonly example: Static<Schema>;
  /** Why a PUT may be refused, beside If-Match. */
  readonly problems: readonly ProblemCode[];
  readonly all: (ledger: Ledger) => ReadonlyMap<string, Kept<Static<Schema>>>;
  readonly put: (
    ledger: Ledger,
    name: string,
    spec: Static<Schema>,
    asked: Asked,
    now: number,
  ) => Decision<Put>;
  readonly remove: (ledger: Ledger, name: string, asked: Asked, now: number) => Decision<undefined>;
  /** What an edit (null: deletion) comes to; a kind that tells it takes `?dryRun`. */
  readonly effect?: (ledger: Ledger, name: string, spec: Static<Schema> | null) => Effect;
  /** The edits that take `?drain`. */
  readonly drains?: readonly ('put' | 'remove')[];
  /** How many rows an import may have; 5,000 when it does not say. It is decided in one step, during which nothing else is. */
  readonly mostImported?: number;
  /** Where a node may read and write the one object of its own name. */
  readonly ownedByNode?: boolean;
  /** Refuses what a node’s own token may not write of its object; @throws Problem ROLE_INSUFFICIENT */
  readonly refuseOwnNode?: (ledger: Ledger, name: string, spec: Static<Schema>) => void;
}

/** The object as it was written: in normal form. */
export function specIn(decision: Decision<Put>): unknown {
  for (const { record } of decision.writes) {
    if (record !== null && 'spec' in record) {
      return record.spec;
    }
  }
  return undefined;
}
