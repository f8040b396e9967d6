/**
 * A strict applier of RFC 6902 as the API server does it (evanphx/json-patch): an `add` under a parent that
 * is not there fails, and so does an index past the end. Only the operations that realip ever sends.
 */
export interface PatchOperation {
  readonly op: string;
  readonly path: string;
  readonly value?: unknown;
}

/** The patched copy of `document`. @throws Error for an operation that does not apply. */
export function applyPatch(document: unknown, operations: readonly PatchOperation[]): unknown {
  const copy: unknown = structuredClone(document);
  for (const operation of operations) {
    apply(copy, operation);
  }
  return copy;
}

function apply(document: unknown, { op, path, value }: PatchOperation): void {
  if (op !== 'add') {
    throw new Error(`the operation "${op}" is not one that realip sends`);
  }
  const steps = stepsOf(path);
  const last = steps.pop();
  if (last === undefined) {
    throw new Error('the whole document is never replaced');
  }
  const parent = steps.reduce(descend, document);
  if (Array.isArray(parent)) {
    parent.splice(insertAt(last, parent.length, path), 0, structuredClone(value));
  } else if (typeof parent === 'object' && parent !== null) {
    Object.assign(parent, { [last]: structuredClone(value) });
  } else {
    throw new Error(`the parent of ${path} is not there`);
  }
}

function stepsOf(pointer: string): string[] {
  if (!pointer.startsWith('/')) {
    throw new Error(`"${pointer}" is no JSON pointer`);
  }
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function descend(parent: unknown, step: string): unknown {
  if (typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, step)) {
    throw new Error(`there is no "${step}" to descend into`);
  }
  return Reflect.get(parent, step);
}

function insertAt(step: string, length: number, path: string): number {
  if (step === '-') {
    return length;
  }
  if (!/^(0|[1-9]\d*)$/.test(step) || Number(step) > length) {
    throw new Error(`${path} is past the end of its list`);
  }
  return Number(step);
}
