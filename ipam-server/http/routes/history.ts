import { Type } from 'typebox';
import { Ip } from '../../../core/address/ip.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { HistoryEntry, type LedgerEvent } from '../../../schema/event.ts';
import { listOf, Page } from '../../../schema/list.ts';
import { Address } from '../../../schema/text.ts';
import { networkIn } from '../../ledger/addresses/address-report.ts';
import { History } from '../../ledger/events/history.ts';
import type { AllocationRecord } from '../../ledger/state/record.ts';
import type { Keeper } from '../../store/keeper.ts';
import type { StoredEvent } from '../../store/store.ts';
import { answers } from '../answers.ts';
import { answerPage, cursorOf, limitOf } from '../page.ts';
import type { Routes } from '../routes.ts';

/** Events that are read at once. */
const partSize = 1000;

const HistoryQuery = Type.Object(
  {
    at: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'Only what was so at this time, to the second or finer.',
      }),
    ),
    ...Page.properties,
  },
  { additionalProperties: false },
);

/** Where a page of a history begins: after which event, and the generation of the last owner told. */
interface Place {
  readonly after: number;
  readonly told: number;
}

/** Who had an address when. */
export function historyRoutes(app: Routes, keeper: Keeper): void {
  app.get('/v1/addresses/:ip/history', {
    config: { access: 'viewer', problems: ['ADDRESS_OUTSIDE_SUBNETS'] },
    schema: {
      tags: ['addresses'],
      summary: 'Look at who had an address when',
      description:
        'The oldest first, as far back as events are kept: owners (`allocated`), conflicts and quarantines, ' +
        'reserves of nodes (`warm`), reservations.',
      params: Type.Object({ ip: Address }),
      querystring: HistoryQuery,
      response: answers({ 200: listOf(HistoryEntry) }),
    },
    handler: async ({ params, query }) => {
      const ip = Ip.parse(params.ip);
      const address = ip.toString();
      const list = `history/${address}`;
      const place = placeOf(cursorOf(query, list));
      const holder = await keeper.read((ledger) => {
        networkIn(ledger, ip);
        return ledger.holders.ofAddress(address);
      });
      const limit = limitOf(query);
      const at = query.at === undefined ? undefined : Date.parse(query.at);
      const isFull: IsFull =
        at === undefined ? (_, { placed }) => placed.length > limit : ({ time }) => Date.parse(time) > at;
      const history = await historyAfter(keeper, address, place, holder, isFull);
      const placed = history.placed.filter(({ entry }) => at === undefined || wasAt(entry, at));
      const items = placed.slice(0, limit).map(({ entry }) => entry);
      const last = placed[limit - 1];
      const isAll = placed.length <= limit || last === undefined;
      return answerPage(isAll ? { items } : { items, cursor: `${last.event}.${last.generation}` }, list);
    },
  });
}

function placeOf(cursor: string | undefined): Place | undefined {
  if (cursor === undefined) {
    return undefined;
  }
  const [, after, told] = /^(\d{1,16})\.(\d{1,16})$/.exec(cursor) ?? [];
  if (after === undefined || told === undefined) {
    throw new Problem('INVALID_CURSOR', `"${cursor}" is no cursor of this list`);
  }
  return { after: Number(after), told: Number(told) };
}

/** Reports whether an entry was so at a time; a conflict is but a moment. */
function wasAt({ type, from, until }: HistoryEntry, at: number): boolean {
  return type !== 'conflict' && Date.parse(from) <= at && (until === undefined || Date.parse(until) > at);
}

/** Reports whether nothing new is wanted from an event on. */
type IsFull = (event: LedgerEvent, history: History) => boolean;

/** The history after a place until it is full, with the ends of what began in it. */
async function historyAfter(
  keeper: Keeper,
  address: string,
  place: Place | undefined,
  holder: AllocationRecord | undefined,
  isFull: IsFull,
): Promise<History> {
  const history = new History(place?.told);
  const [oldest] = place === undefined ? await keeper.events({ after: 0, limit: 1 }) : [];
  if (holder !== undefined && oldest !== undefined && holder.at < oldest.time) {
    history.begin(holder);
  }
  let ending = false;
  for await (const event of eventsOf(keeper, address, place?.after ?? 0)) {
    ending ||= isFull(event, history);
    if (!ending) {
      history.take(event);
    } else if (history.isOpen(holder?.generation)) {
      history.finish(event);
    } else {
      break;
    }
  }
  return history;
}

async function* eventsOf(keeper: Keeper, address: string, from: number): AsyncIterable<LedgerEvent> {
  let after = from;
  let part: readonly StoredEvent[];
  do {
    part = await keeper.events({ after, limit: partSize, address });
    for (const { id, text } of part) {
      yield JSON.parse(text);
      after = id;
    }
  } while (part.length === partSize);
}
