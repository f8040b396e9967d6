import type { FastifyRequest } from 'fastify';
import { Problem } from '../../core/problem/problem.ts';
import type { Precondition } from '../ledger/edit.ts';

export function etagOf(revision: number): string {
  return `"${revision}"`;
}

const strong = /^"([0-9]{1,15})"$/;

/**
 * What If-Match and If-None-Match ask (RFC 9110 §13.1). A tag that is none of ours matches nothing.
 *
 * @throws Problem INVALID_REQUEST for an If-None-Match other than `*`
 */
export function preconditionOf({ headers }: FastifyRequest): Precondition {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') {
    throw new Problem('INVALID_REQUEST', 'If-None-Match: only * is understood');
  }
  return {
    ...(ifMatch === undefined ? {} : { revisions: revisionsOf(ifMatch) }),
    ...(ifNoneMatch === undefined ? {} : { absent: true }),
  };
}

function revisionsOf(ifMatch: string): readonly number[] | 'any' {
  if (ifMatch.trim() === '*') {
    return 'any';
  }
  return ifMatch.split(',').map((tag) => Number(strong.exec(tag.trim())?.[1] ?? Number.NaN));
}
