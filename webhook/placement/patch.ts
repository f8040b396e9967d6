import { valueAt } from '../../document/value-at.ts';
import type { Change, ChangePath, Json } from './change.ts';

/** RFC 6902; the only operation ever used. `test` and `remove` could make the API server refuse the pod. */
export interface AddOperation {
  readonly op: 'add';
  readonly path: string;
  readonly value: Json;
}

/**
 * The changes as a JSON Patch on `document`. Every missing (or null) parent is made first, because an `add`
 * under one that is not there rejects the pod, even under failurePolicy Ignore.
 */
export function toPatch(document: unknown, changes: readonly Change[]): AddOperation[] {
  const operations: AddOperation[] = [];
  const made = new Set<string>();
  for (const { path, value } of changes) {
    for (const [depth, next] of path.entries()) {
      const parent = path.slice(0, depth);
      const pointer = pointerOf(parent);
      if (depth > 0 && !made.has(pointer) && isAbsent(valueAt(document, parent))) {
        operations.push({ op: 'add', path: pointer, value: isListStep(next) ? [] : {} });
        made.add(pointer);
      }
    }
    operations.push({ op: 'add', path: pointerOf(path), value });
  }
  return operations;
}

/** RFC 6901: `~` is escaped before `/`, so that the `~1` of a slash is not escaped again. */
export function pointerOf(path: ChangePath): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

function isListStep(step: string | number): boolean {
  return typeof step === 'number' || step === '-';
}

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}
