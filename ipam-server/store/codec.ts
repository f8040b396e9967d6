import { Compile, type Validator } from 'typebox/compile';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { type RecordKind, recordSchemas, type Write } from '../ledger/state/record.ts';
import type { Entry } from './store.ts';

const validators = new Map<string, Validator>(
  Object.entries(recordSchemas).map(([kind, schema]) => [kind, Compile(schema)]),
);

function isKind(text: string): text is RecordKind {
  return text in recordSchemas;
}

/** A stored record as the change that made it; @throws Problem STORE_DAMAGED, naming the key. */
export function decode([key, value]: Entry): Write {
  const { kind, name } = nameOf(key);
  const record = parse(key, value);
  if (validators.get(kind)?.Check(record) !== true) {
    throw new Problem('STORE_DAMAGED', `the record "${key}" does not have the fields of its kind`);
  }
  // The validator of the kind has just said so; the compiler can't see the tie between kind and record.
  return { kind, name, record } as Write;
}

/** A record's end as the change that made it; @throws Problem STORE_DAMAGED, naming the key. */
export function decodeEnd(key: string): Write {
  return { ...nameOf(key), record: null };
}

function nameOf(key: string): { readonly kind: RecordKind; readonly name: string } {
  const slash = key.indexOf('/');
  const kind = key.slice(0, slash);
  if (!isKind(kind)) {
    throw new Problem('STORE_DAMAGED', `the record "${key}" is of no known kind`);
  }
  return { kind, name: key.slice(slash + 1) };
}

function parse(key: string, value: string): unknown {
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new Problem('STORE_DAMAGED', `the record "${key}" is not JSON: ${reasonOf(error)}`, {}, error);
  }
}
