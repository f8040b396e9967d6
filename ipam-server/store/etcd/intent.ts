import { Problem } from '../../../core/problem/problem.ts';
import type { EtcdConnection } from './connection.ts';
import { afterAll, type Layout } from './layout.ts';
import type { Operation, RangeResponse } from './messages.ts';
import { piecesOf } from './packing.ts';

type Write = (operations: readonly Operation[], lastEvent?: number) => Promise<void>;

/**
 * A commit that fits no transaction: its pieces are written down, then the word that they are all there, which makes
 * it durable, then each is done. Whoever leads next finishes what was begun, or forgets it where the word is missing.
 *
 * @param lastEvent the id of its last event, if it has any
 */
export async function writeLarge(
  commit: readonly Operation[],
  lastEvent: number | undefined,
  layout: Layout,
  write: Write,
): Promise<void> {
  const all = piecesOf(commit);
  for (const [i, operations] of all.entries()) {
    await write([{ request_put: { key: layout.intentPiece(i), value: JSON.stringify(operations) } }]);
  }
  await write([{ request_put: { key: layout.intent, value: String(all.length) } }], lastEvent);
  await perform(all, 0, layout, write);
}

/** Each piece and its end in one transaction, so that none is done twice after what came later. */
async function perform(
  all: readonly (readonly Operation[])[],
  from: number,
  layout: Layout,
  write: Write,
): Promise<void> {
  for (const [i, operations] of all.entries()) {
    await write([...operations, { request_delete_range: { key: layout.intentPiece(from + i) } }]);
  }
  await write([{ request_delete_range: { key: layout.intent } }]);
}

/** Finishes or forgets what the last leader has begun; @throws Problem STORE_* */
export async function finishIntent(connection: EtcdConnection, layout: Layout, write: Write): Promise<void> {
  const { intent, intentPieces } = layout;
  const [word] = (await connection.call<RangeResponse>('KV', 'Range', { key: intent })).kvs;
  if (word === undefined) {
    await write([{ request_delete_range: { key: intentPieces, range_end: afterAll(intentPieces) } }]);
    return;
  }
  const count = Number(word.value);
  const pieces: (readonly Operation[])[] = [];
  let first = count;
  for (let i = 0; i < count; i++) {
    const [piece] = (await connection.call<RangeResponse>('KV', 'Range', { key: layout.intentPiece(i) })).kvs;
    if (piece !== undefined) {
      first = Math.min(first, i);
      pieces.push(JSON.parse(piece.value));
    }
  }
  if (first + pieces.length !== count) {
    throw new Problem('STORE_DAMAGED', `etcd: pieces of the commit that ${intent} tells of are missing`);
  }
  await perform(pieces, first, layout, write);
}
