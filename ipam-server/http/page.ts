import { Problem } from '../../core/problem/problem.ts';
import type { Page } from '../../schema/list.ts';
import type { PageOf } from '../ledger/addresses/search.ts';

export const largestPage = 1000;

/** The place in a list that a cursor of it holds, as the ledger knows it; @throws Problem INVALID_CURSOR */
export function cursorOf(page: Page, list: string): string | undefined {
  if (page.cursor === undefined) {
    return undefined;
  }
  const text = Buffer.from(page.cursor, 'base64url').toString('utf8');
  const place = text.slice(list.length + 1);
  if (cursorAt(list, place) !== page.cursor) {
    throw new Problem('INVALID_CURSOR', `"${page.cursor}" is no cursor of this list`);
  }
  return place;
}

export function limitOf(page: Page): number {
  return page.limit ?? largestPage;
}

/** A page as it is answered: its cursor opaque, so that nobody builds on what is in it. */
export function answerPage<Item>({ items, cursor }: PageOf<Item>, list: string): PageOf<Item> {
  return cursor === undefined ? { items } : { items, cursor: cursorAt(list, cursor) };
}

function cursorAt(list: string, place: string): string {
  return Buffer.from(`${list}/${place}`, 'utf8').toString('base64url');
}

/** One page of things by name, after the name that the cursor holds. */
export function pageByName<Thing, Item>(
  things: ReadonlyMap<string, Thing>,
  list: string,
  page: Page,
  itemOf: (name: string, thing: Thing) => Item,
): PageOf<Item> {
  const after = cursorOf(page, list);
  const limit = limitOf(page);
  const names = [...things.keys()].filter((name) => after === undefined || name > after).sort();
  const items = names.slice(0, limit).flatMap((name) => {
    const thing = things.get(name);
    return thing === undefined ? [] : [itemOf(name, thing)];
  });
  const last = names[limit - 1];
  return answerPage(names.length > limit && last !== undefined ? { items, cursor: last } : { items }, list);
}
