import { Compile } from 'typebox/compile';
import { type Pod, podSchema } from './pod.ts';

const shape = Compile(podSchema);

/** Reports whether a value is a Pod as far as the webhook reads one. */
export function isPod(value: unknown): value is Pod {
  return shape.Check(value);
}

/** Why a value is no Pod, as what follows its name: `.spec.containers must be array`. */
export function podFault(value: unknown): string {
  const [first] = shape.Errors(value);
  const place = first === undefined ? '' : first.instancePath.replaceAll('/', '.');
  return `${place} ${first?.message ?? 'has another shape'}`;
}
