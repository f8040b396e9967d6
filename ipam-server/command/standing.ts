import { Problem } from '../../core/problem/problem.ts';
import { movedTo } from '../store/moved.ts';
import type { Store } from '../store/store.ts';
import type { Successor } from './place.ts';

/** What a ledger is to who would put another in its place. */
export interface Standing {
  readonly isEmpty: boolean;
  /** Where it was moved to; null for one that counts. */
  readonly movedTo: string | null;
}

/** @throws Problem STORE_* when it can't be read */
export async function standingOf(store: Store): Promise<Standing> {
  let records = 0;
  let moved: string | null = null;
  const { lastEvent } = await store.load((part) => {
    records += part.length;
    for (const [key] of part) {
      moved = movedTo(key) ?? moved;
    }
  });
  return { isEmpty: records === 0 && lastEvent === 0, movedTo: moved };
}

/** Reports whether nothing was ever written to the ledger in the place; one that can't be read is a ledger. */
export async function isEmpty(successor: Successor): Promise<boolean> {
  try {
    const present = await successor.predecessor();
    return present === null || (await standingOf(present)).isEmpty;
  } catch (error) {
    if (error instanceof Problem && error.code.startsWith('STORE_')) {
      return false;
    }
    throw error;
  }
}
