import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../../../core/problem/problem.ts';
import type { Fault } from '../../csv/fault.ts';

/** How many bad rows an answer lists. */
const listed = 100;

/** Characters of what is said of one: it may name a cell, which may be long. */
const longestDetail = 500;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Takes bodies of text/csv in UTF-8, and only those. */
export function readTables(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', async () => {
    throw new Problem('MEDIA_TYPE_UNSUPPORTED', 'the body is not announced as text/csv');
  });
  app.addContentTypeParser(
    'text/csv',
    { parseAs: 'buffer' },
    async ({ headers }: FastifyRequest, octets: Buffer) => {
      const charset = /;\s*charset="?([^";\s]*)/i.exec(headers['content-type'] ?? '')?.[1];
      if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
        throw new Problem('MEDIA_TYPE_UNSUPPORTED', 'the table is announced in another charset than UTF-8');
      }
      return decode(octets);
    },
  );
}

function decode(octets: Buffer): string {
  try {
    return utf8.decode(octets);
  } catch (error) {
    throw new Problem('INVALID_TABLE', 'the table is not UTF-8', {}, error);
  }
}

/** @throws Problem INVALID_TABLE, when there are faults */
export function refuse(faults: readonly Fault[]): void {
  const [first] = faults;
  if (first === undefined) {
    return;
  }
  const shown = faults
    .slice(0, listed)
    .map((fault) => ({ ...fault, detail: fault.detail.slice(0, longestDetail) }));
  const { line, column } = first;
  const where = column === undefined ? `line ${line}` : `line ${line}, ${column}`;
  const more = faults.length === 1 ? '' : ` (and ${faults.length - 1} more)`;
  throw new Problem('INVALID_TABLE', `${where}: ${first.detail.slice(0, longestDetail)}${more}`, {
    errors: shown,
    errorCount: faults.length,
  });
}
