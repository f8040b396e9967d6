import { PassThrough } from 'node:stream';
import { Counter } from 'prom-client';
import { createLogger, transports } from 'winston';
import { watchEvents } from './event-watch.ts';

const stored = (id: number, type: string) => ({
  id,
  time: 0,
  addresses: [],
  text: JSON.stringify({
    id,
    time: '1970-01-01T00:00:00.000Z',
    type,
    addresses: [],
    actor: 'admin',
    node: 'n1',
  }),
});

test('what somebody should look into is told at every level, all events are counted by type', async () => {
  const stream = new PassThrough({ encoding: 'utf8' });
  const log = createLogger({ level: 'info', transports: [new transports.Stream({ stream })] });
  const events = new Counter({ name: 'events', help: 'events', labelNames: ['type'], registers: [] });
  watchEvents({ events }, log)(3, [stored(1, 'allocated'), stored(2, 'epoch.begun'), stored(3, 'allocated')]);
  const lines = String(stream.read()).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: 'warn', message: 'epoch.begun', event: 2, addresses: [], actor: 'admin', node: 'n1' },
  ]);
  expect((await events.get()).values).toEqual([
    { labels: { type: 'allocated' }, value: 2 },
    { labels: { type: 'epoch.begun' }, value: 1 },
  ]);
});
