import type { Logger } from 'winston';
import type { LedgerEvent } from '../schema/event.ts';
import type { Metrics } from './http/metrics.ts';
import type { StoredEvent } from './store/store.ts';

/**
 * What an admin should hear of by itself: things that somebody must have done on purpose, or that nobody hoped for.
 * Of conflicts and fences those warn who bring them about, with what they came to.
 */
const levels: Readonly<Record<string, 'info' | 'warn'>> = {
  adopted: 'info',
  revoked: 'info',
  'node.returned': 'info',
  'epoch.begun': 'warn',
  'epoch.settled': 'info',
};

/** The type of an event as it is written, without reading the whole of it; before it come but id and time. */
function typeOf({ text }: StoredEvent): string {
  const start = text.indexOf('"type":"') + '"type":"'.length;
  return text.slice(start, text.indexOf('"', start));
}

/** Counts durable events by type, and logs them: some for everybody, all of them at debug. */
export function watchEvents(
  { events: counter }: Pick<Metrics, 'events'>,
  log: Logger,
): (last: number, events: readonly StoredEvent[]) => void {
  // Asked once: what is off must cost nothing at ten thousand events a second.
  const isDebug = log.isDebugEnabled();
  return (_, events) => {
    for (const event of events) {
      const type = typeOf(event);
      counter.inc({ type });
      const level = levels[type] ?? 'debug';
      if (isDebug || level !== 'debug') {
        const { id, time: __, type: ___, pod, ...rest }: LedgerEvent = JSON.parse(event.text);
        log.log(level, type, {
          event: id,
          ...rest,
          ...(pod === undefined ? {} : { pod: `${pod.namespace}/${pod.name}` }),
        });
      }
    }
  };
}
