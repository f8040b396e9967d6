import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { Problem, reasonOf } from '../../../core/problem/problem.ts';
import type { StoredEvent } from '../store.ts';
import type { KeyValue } from './messages.ts';

/** Ids that one key may span: who looks for an id need not look further back. */
export const maxSpan = 256;

/** Characters of events in one key; a few of the largest edits are more than etcd takes in one. */
const maxLength = 300_000;

/** Addresses are spread over so many keys, so that an address's history is few of them. */
export const buckets = 256;

/** Events as the values of keys: each chunk under the id of its first, and not far from it. */
export function chunksOf(events: readonly StoredEvent[]): StoredEvent[][] {
  const chunks: StoredEvent[][] = [];
  let length = 0;
  for (const event of events) {
    const chunk = chunks.at(-1);
    const first = chunk?.[0];
    length += event.text.length;
    if (chunk === undefined || first === undefined || event.id - first.id >= maxSpan || length > maxLength) {
      chunks.push([event]);
      length = event.text.length;
    } else {
      chunk.push(event);
    }
  }
  return chunks;
}

/** Characters from which on a value is packed: below, packing takes longer than it spares. */
const packedFrom = 4_096;

/** What a packed value begins with; no JSON does. It is followed by raw DEFLATE (RFC 1951) in base64. */
const mark = 'z';

/** Events as the value of a key: etcd keeps them for months, and their like follows their like. */
export function textOf(events: readonly StoredEvent[]): string {
  const text = JSON.stringify(events.map(({ id, time, addresses, text }) => [id, time, addresses, text]));
  return text.length < packedFrom ? text : mark + deflateRawSync(text, { level: 1 }).toString('base64');
}

function unpacked(value: string): string {
  return value.startsWith(mark) ? inflateRawSync(Buffer.from(value.slice(1), 'base64')).toString() : value;
}

/** The events of such a key; @throws Problem STORE_DAMAGED, naming it */
export function eventsOf({ key, value }: Pick<KeyValue, 'key' | 'value'>): StoredEvent[] {
  try {
    const rows: [number, number, string[], string][] = JSON.parse(unpacked(value));
    return rows.map(([id, time, addresses, text]) => ({ id, time, addresses, text }));
  } catch (error) {
    throw new Problem('STORE_DAMAGED', `etcd: ${key} holds no events: ${reasonOf(error)}`, {}, error);
  }
}

/** FNV-1a, so that addresses that follow each other are in different buckets. */
export function bucketOf(address: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < address.length; i++) {
    hash = Math.imul(hash ^ address.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % buckets;
}
