import type { Json } from '../placement/change.ts';
import type { AddOperation } from '../placement/patch.ts';

/** A copy of `document` with the patch in it, as the API server applies it. @throws Error where it does not apply */
export function applied(document: unknown, patch: readonly AddOperation[]): unknown {
  const copy: unknown = structuredClone(document);
  for (const { path, value } of patch) {
    const steps = path
      .slice(1)
      .split('/')
      .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
    add(copy, steps, value, path);
  }
  return copy;
}

function add(document: unknown, steps: readonly string[], value: Json, path: string): void {
  const last = steps.at(-1) ?? '';
  const parent = steps.slice(0, -1).reduce(below, document);
  if (Array.isArray(parent)) {
    parent.splice(last === '-' ? parent.length : Number(last), 0, structuredClone(value));
  } else if (typeof parent === 'object' && parent !== null) {
    Object.defineProperty(parent, last, { value: structuredClone(value), ...ordinary });
  } else {
    throw new Error(`there is nothing to add ${path} to`);
  }
}

/** Defined, not assigned, so that a key such as `__proto__` is one like any other. */
const ordinary = { enumerable: true, configurable: true, writable: true };

function below(parent: unknown, step: string): unknown {
  return typeof parent === 'object' && parent !== null && Object.hasOwn(parent, step)
    ? Reflect.get(parent, step)
    : undefined;
}
