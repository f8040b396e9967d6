import { type Static, Type } from 'typebox';
import { Problem } from '../../../core/problem/problem.ts';
import type { Keeper } from '../../store/keeper.ts';
import { isStillAllowed } from '../access.ts';
import { answers } from '../answers.ts';
import type { Authenticator } from '../caller.ts';
import { checkEventsAfter } from '../events-after.ts';
import type { Routes } from '../routes.ts';
import type { Watchers } from '../watch/watchers.ts';
import { eventQuery, filterOf } from './events.ts';

const WatchQuery = Type.Object(eventQuery, { additionalProperties: false });

const WatchHeaders = Type.Object({
  'last-event-id': Type.Optional(
    Type.String({
      pattern: '^[0-9]{0,16}$',
      description: 'The id of the last event that is known already, as EventSource sends it; before `since`.',
    }),
  ),
});

/** Live events. */
export function watchRoutes(
  app: Routes,
  keeper: Keeper,
  watchers: Watchers,
  authenticator: Authenticator | null,
): void {
  app.get('/v1/watch', {
    // An answer without a body would never end.
    exposeHeadRoute: false,
    config: { access: 'node-or-viewer', operation: 'watch', problems: ['EVENTS_GONE', 'WATCHES_EXHAUSTED'] },
    schema: {
      tags: ['events'],
      summary: 'Watch what happens, as server-sent events',
      description:
        'Each message’s data is an event, its id the event’s. After a break the watch goes on behind ' +
        '`Last-Event-ID` or `since`; without either it begins now. A node’s token sees that node’s events.',
      querystring: WatchQuery,
      headers: WatchHeaders,
      response: {
        ...answers({}),
        200: {
          description: 'Server-sent events; each `data` is an event as GET /v1/events lists it.',
          content: { 'text/event-stream': { schema: Type.String(), example: ': after 41\n\n' } },
        },
      },
    },
    handler: async (request, reply) => {
      const { query, headers, caller } = request;
      if (keeper.trouble !== null) {
        throw new Problem('STORE_UNAVAILABLE', keeper.trouble);
      }
      const since = sinceOf(query, headers);
      const after = since ?? watchers.last;
      if (since !== undefined) {
        await checkEventsAfter(keeper, since);
      }
      watchers.check();
      reply.hijack();
      const { raw } = reply;
      for (const [name, value] of Object.entries(reply.getHeaders())) {
        raw.setHeader(name, value ?? '');
      }
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // nginx would hold events back to fill its buffer.
        'x-accel-buffering': 'no',
      });
      raw.write(`: after ${after}\n\n`);
      watchers.add(raw, keeper, {
        after,
        filter: filterOf(query, caller),
        isAllowed: () => isStillAllowed(request, authenticator),
      });
    },
  });
}

function sinceOf(
  { since }: Static<typeof WatchQuery>,
  { 'last-event-id': last = '' }: Static<typeof WatchHeaders>,
): number | undefined {
  return last === '' ? since : Number(last);
}
