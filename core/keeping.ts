import { checkTimeSpan } from './duration.ts';
import { Problem, reasonOf } from './problem/problem.ts';

/** How long addresses of a pod are kept, as an allocation request says it. */
export interface Keeping {
  readonly sticky?: 'pod' | 'owner';
  readonly retain?: string;
  readonly spare?: number;
}

/** The most addresses that a workload may keep beyond its pods. */
export const spareLimit = 256;

/** The annotations of a pod by key. */
export type Annotations = (key: string) => string | undefined;

/**
 * What a pod's annotations `realip.io/sticky`, `realip.io/retain` and `realip.io/spare` ask for; an empty one is none.
 *
 * @throws Problem ANNOTATION_INVALID, which names the annotation
 */
export function keepingOf(annotations: Annotations): Keeping {
  const sticky = readAnnotation(annotations, 'realip.io/sticky', parseSticky);
  const retain = readAnnotation(annotations, 'realip.io/retain', parseRetain);
  const spare = readAnnotation(annotations, 'realip.io/spare', parseSpare);
  return {
    ...(sticky === undefined ? {} : { sticky }),
    ...(retain === undefined ? {} : { retain }),
    ...(spare === undefined ? {} : { spare }),
  };
}

/**
 * One annotation, read by `parse`; undefined when there is none or it is empty.
 *
 * @throws Problem ANNOTATION_INVALID: what `parse` throws, with the annotation's key before it
 */
export function readAnnotation<Value>(
  annotations: Annotations,
  key: string,
  parse: (text: string) => Value,
): Value | undefined {
  const text = annotations(key);
  try {
    return text ? parse(text) : undefined;
  } catch (error) {
    throw new Problem('ANNOTATION_INVALID', `the pod’s annotation ${key}: ${reasonOf(error)}`);
  }
}

function parseSticky(text: string): 'pod' | 'owner' {
  if (text === 'pod' || text === 'owner') {
    return text;
  }
  throw new Error(`"${text}" is neither pod nor owner`);
}

function parseRetain(text: string): string {
  checkTimeSpan(text);
  return text;
}

function parseSpare(text: string): number {
  if (/^\d{1,6}$/.test(text) && Number(text) <= spareLimit) {
    return Number(text);
  }
  throw new Error(`"${text}" is no number up to ${spareLimit}`);
}
