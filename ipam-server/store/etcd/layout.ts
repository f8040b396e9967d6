/** Where an etcd ledger keeps what, under its prefix. */
export interface Layout {
  /** Begins with `{prefix}{ledger}/`, as all of the ledger's keys below do. */
  readonly root: string;
  /** Counts the transactions of the ledger, so that none is made twice or out of turn. */
  readonly head: string;
  record(key: string): string;
  readonly records: string;
  /** Events of one transaction, under the id of the first. */
  eventsFrom(id: number): string;
  readonly events: string;
  /** Which events tell of the addresses of a bucket, within a segment of events. */
  posting(bucket: number, firstEvent: number): string;
  postings(bucket: number): string;
  /** Marks events whose postings are written. */
  segment(firstEvent: number): string;
  readonly segments: string;
  /** A commit too large for one transaction: its pieces, and the word that they are all there. */
  intentPiece(index: number): string;
  readonly intentPieces: string;
  readonly intent: string;
}

/** Who leads, whichever ledger it is. */
export function leaderKey(prefix: string): string {
  return `${prefix}leader`;
}

/** Names the ledger that is served; another takes its place in one step. */
export function currentKey(prefix: string): string {
  return `${prefix}current`;
}

/** Names the ledger that was served before, which is kept. */
export function asideKey(prefix: string): string {
  return `${prefix}aside`;
}

/** @param ledger names one life of the ledger under the prefix */
export function layoutOf(prefix: string, ledger: string): Layout {
  const root = `${prefix}${ledger}/`;
  return {
    root,
    head: `${root}head`,
    record: (key) => `${root}records/${key}`,
    records: `${root}records/`,
    eventsFrom: (id) => `${root}events/${padded(id)}`,
    events: `${root}events/`,
    posting: (bucket, firstEvent) => `${root}postings/${bucket}/${padded(firstEvent)}`,
    postings: (bucket) => `${root}postings/${bucket}/`,
    segment: (firstEvent) => `${root}segments/${padded(firstEvent)}`,
    segments: `${root}segments/`,
    intentPiece: (index) => `${root}intent/${padded(index)}`,
    intentPieces: `${root}intent/`,
    intent: `${root}intent`,
  };
}

/** So that the order of texts is that of the numbers; 2^53 has sixteen digits. */
function padded(number: number): string {
  return String(number).padStart(16, '0');
}

/** The number at the end of such a key. */
export function numberIn(key: string): number {
  return Number(key.slice(key.lastIndexOf('/') + 1));
}

/** The first key after all that begin with a text: a range's end. */
export function afterAll(prefix: string): string {
  // Keys and prefixes are ASCII, so the last character has a next one.
  return prefix.slice(0, -1) + String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1);
}
