import { type Static, Type } from 'typebox';
import { Ip } from '../../../core/address/ip.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { LedgerEvent } from '../../../schema/event.ts';
import { listOf, Page } from '../../../schema/list.ts';
import { Address, ObjectName } from '../../../schema/text.ts';
import type { EventFilter } from '../../ledger/events/filter.ts';
import type { Keeper } from '../../store/keeper.ts';
import { answers } from '../answers.ts';
import type { Caller } from '../caller.ts';
import { checkEventsAfter, eventsAfter } from '../events-after.ts';
import { answerPage, cursorOf, limitOf } from '../page.ts';
import type { Routes } from '../routes.ts';

/** What list and watch of events are narrowed by. */
export const eventQuery = {
  since: Type.Optional(
    Type.Integer({ minimum: 0, description: 'The id of the last event that is known already.' }),
  ),
  type: Type.Optional(
    Type.String({ maxLength: 64, description: 'Only events of this type.', examples: ['conflict'] }),
  ),
  node: Type.Optional(ObjectName),
  address: Type.Optional(Address),
};

const EventsQuery = Type.Object({ ...eventQuery, ...Page.properties }, { additionalProperties: false });

/** The filter of a query; a node sees its own events alone. */
export function filterOf(
  { type, node, address }: Pick<Static<typeof EventsQuery>, 'type' | 'node' | 'address'>,
  caller: Caller,
): EventFilter {
  const own = caller.role === 'node' ? caller.node : node;
  return {
    ...(type === undefined ? {} : { type }),
    ...(own === undefined ? {} : { node: own }),
    ...(address === undefined ? {} : { address: Ip.parse(address).toString() }),
  };
}

/** The audit trail. */
export function eventRoutes(app: Routes, keeper: Keeper): void {
  app.get('/v1/events', {
    config: { access: 'viewer', problems: ['EVENTS_GONE'] },
    schema: {
      tags: ['events'],
      summary: 'List what happened: who did what, when, from where',
      description:
        'The oldest first. A page may be short, or empty, though there are more: only no `cursor` means the end.',
      querystring: EventsQuery,
      response: answers({ 200: listOf(LedgerEvent) }),
    },
    handler: async ({ query, caller }, reply) => {
      const { since } = query;
      const cursor = cursorOf(query, 'events');
      const after = cursor === undefined ? (since ?? 0) : idIn(cursor);
      if (cursor !== undefined || since !== undefined) {
        await checkEventsAfter(keeper, after);
      }
      const { texts, next } = await eventsAfter(keeper, after, limitOf(query), filterOf(query, caller));
      const { cursor: more } = answerPage(
        { items: [], ...(next === undefined ? {} : { cursor: String(next) }) },
        'events',
      );
      // The events are JSON already, just as it was stored.
      const rest = more === undefined ? '' : `,"cursor":${JSON.stringify(more)}`;
      return reply
        .type('application/json; charset=utf-8')
        .serializer((text: string) => text)
        .send(`{"items":[${texts.join(',')}]${rest}}` as never);
    },
  });
}

function idIn(cursor: string): number {
  if (!/^\d{1,16}$/.test(cursor)) {
    throw new Problem('INVALID_CURSOR', `"${cursor}" is no cursor of this list`);
  }
  return Number(cursor);
}
