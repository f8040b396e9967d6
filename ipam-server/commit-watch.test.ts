import { PassThrough } from 'node:stream';
import { Histogram } from 'prom-client';
import { createLogger, transports } from 'winston';
import { watchCommits } from './commit-watch.ts';

const histogram = (name: string) => new Histogram({ name, help: name, registers: [] });

test('of slow commits the log tells one, with its figures, and not of the others at once', () => {
  const stream = new PassThrough({ encoding: 'utf8' });
  const log = createLogger({ transports: [new transports.Stream({ stream })] });
  const metrics = { commitSeconds: histogram('seconds'), commitRecords: histogram('records') };
  const onCommit = watchCommits(metrics, log, 'sqlite:x');
  onCommit(3, 0.9);
  expect(stream.read()).toBeNull();
  onCommit(4, 1.5);
  onCommit(5, 2);
  const lines = String(stream.read()).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    {
      level: 'warn',
      message: 'a commit was slow',
      store: 'sqlite:x',
      seconds: 1.5,
      records: 4,
      alsoSince: 0,
    },
  ]);
});
