import type { FastifyRequest } from 'fastify';
import type { Precondition } from '../ledger/edits/edit.ts';

export function etagOf(revision: number): string {
  return `"${revision}"`;
}

const strong = /^"([0-9]{1,15})"$/;

/** What If-Match and If-None-Match ask, once they are valid. A tag that is none of ours matches nothing. */
export function preconditionOf({ headers }: FastifyRequest): Precondition {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
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
