import type { Logger } from 'winston';
import { type KeyPair, keyPairOf, watchKeyPair } from '../service/certificate.ts';
import type { Metrics } from './admission/metrics.ts';
import type { Companion } from './companion.ts';
import { readStartFile } from './start-file.ts';

/** The key pair to begin with, and what brings its successors. */
export interface KeyPairInUse {
  readonly first: KeyPair;
  /** @param renewed is told each new pair, for new connections */
  keptCurrent(renewed: (pair: KeyPair) => void): Companion;
}

/**
 * The pair that two files hold.
 *
 * @throws StartError when they can't be read; Problem CERTIFICATE_INVALID
 */
export function keyPairFromFiles(
  files: readonly [cert: string, key: string],
  log: Logger,
  metrics: Metrics,
): KeyPairInUse {
  const pems = files.map(readStartFile);
  const first = keyPairOf(pems, new Date());
  metrics.certificateLoaded(first.expires);
  return {
    first,
    keptCurrent: (renewed) =>
      watchKeyPair(files, pems, log, {
        changed: (pair) => {
          renewed(pair);
          metrics.certificateLoaded(pair.expires);
          metrics.reload('certificate', 'ok');
        },
        refused: () => metrics.reload('certificate', 'refused'),
      }),
  };
}
