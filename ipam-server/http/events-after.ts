import { Problem } from '../../core/problem/problem.ts';
import type { LedgerEvent } from '../../schema/event.ts';
import { type EventFilter, isByAddress, isMeant } from '../ledger/events/filter.ts';
import type { Keeper } from '../store/keeper.ts';

/** Events that are read at once. */
const partSize = 1000;
/** So many parts a call: a rare type among millions of events must not keep the store from its commits. */
const parts = 20;

/** Some events in their order, as JSON; `next` is where to go on, none where these were the last. */
export interface EventPage {
  readonly texts: readonly string[];
  readonly next?: number;
}

/** @throws Problem EVENTS_GONE when the events after an id are not all there */
export async function checkEventsAfter(keeper: Keeper, id: number): Promise<void> {
  if (!(await keeper.hasEventsAfter(id))) {
    throw new Problem('EVENTS_GONE', `the events after ${id} are not all there`);
  }
}

/** The events of a filter after an id. A page may be short, or empty, though there are more. */
export async function eventsAfter(
  keeper: Keeper,
  id: number,
  limit: number,
  filter: EventFilter,
): Promise<EventPage> {
  const { address } = filter;
  const isPlain = isByAddress(filter);
  const size = isPlain ? Math.min(limit + 1, partSize) : partSize;
  const texts: string[] = [];
  let after = id;
  for (let part = 0; part < parts; part++) {
    const events = await keeper.events({ after, limit: size, ...(address === undefined ? {} : { address }) });
    for (const event of events) {
      const isWanted = isPlain || isMeant(JSON.parse(event.text) as LedgerEvent, filter);
      if (isWanted && texts.length === limit) {
        return { texts, next: after };
      }
      if (isWanted) {
        texts.push(event.text);
      }
      after = event.id;
    }
    if (events.length < size) {
      return { texts };
    }
  }
  return { texts, next: after };
}
