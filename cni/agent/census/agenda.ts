/** When a namespace was met and looked into, in ms since the epoch. */
export interface Met {
  readonly since: number;
  /** Absent until it was looked into for the first time. */
  readonly lookedAt?: number;
}

/** What a look shows of a namespace counts so long, in ms. */
const longestUnseen = 60_000;

/** A namespace is made before its pod's interface; so long, in ms, it is looked into at each look. */
const youth = 30_000;

/**
 * The namespaces to look into now: those that are new, young, or could not be looked into before; and of the others as
 * many of the longest unseen that each gets its turn once a minute, evenly spread.
 *
 * @param known by inode
 * @param lastLook in ms since the epoch
 */
export function dueAt(known: ReadonlyMap<number, Met>, now: number, lastLook: number): number[] {
  const due: number[] = [];
  const settled: [inode: number, lookedAt: number][] = [];
  for (const [inode, { since, lookedAt }] of known) {
    if (lookedAt === undefined || now - since < youth) {
      due.push(inode);
    } else {
      settled.push([inode, lookedAt]);
    }
  }
  const turn = Math.ceil((settled.length * Math.max(0, now - lastLook)) / longestUnseen);
  const next = settled.sort(([, a], [, b]) => a - b).slice(0, turn);
  return [...due, ...next.map(([inode]) => inode)];
}
