import type { Logger } from 'winston';
import { Seldom } from '../service/seldom.ts';
import type { Metrics } from './http/metrics.ts';

/** Seconds that a commit may take before the log tells of it. */
const patience = 1;

/** Milliseconds between two such lines. */
const pause = 10_000;

/** Measures commits, and warns of slow ones: everybody who allocates waits for them. */
export function watchCommits(
  { commitSeconds, commitRecords }: Pick<Metrics, 'commitSeconds' | 'commitRecords'>,
  log: Logger,
  store: string,
): (records: number, seconds: number) => void {
  const seldom = new Seldom(pause, () => performance.now());
  return (records, seconds) => {
    commitSeconds.observe(seconds);
    commitRecords.observe(records);
    const passedOver = seconds < patience ? null : seldom.tell('');
    if (passedOver !== null) {
      log.warn('a commit was slow', { store, seconds, records, alsoSince: passedOver });
    }
  };
}
