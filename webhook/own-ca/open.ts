import type { Logger } from 'winston';
import type { Metrics } from '../admission/metrics.ts';
import type { KeyPairInUse } from '../key-pair-in-use.ts';
import { ApiServer } from '../kube/api-server.ts';
import { OwnCaMetrics } from './metrics.ts';
import { OwnCa, placeholderPair } from './own-ca.ts';
import type { OwnCaSettings } from './settings.ts';

/**
 * `--own-ca`: the pair that the cluster's Secret holds. Until the Secret has been read the webhook is up and not ready.
 *
 * @throws Problem CLUSTER_UNKNOWN where there is no cluster
 */
export async function keyPairFromOwnCa(
  settings: OwnCaSettings,
  log: Logger,
  metrics: Metrics,
): Promise<KeyPairInUse> {
  const api = await ApiServer.open();
  const figures = new OwnCaMetrics(metrics.registry);
  return {
    first: placeholderPair(settings, Date.now()),
    keptCurrent: (renewed) =>
      new OwnCa(api, settings, log, figures, (pair) => {
        renewed(pair);
        metrics.certificateLoaded(pair.expires);
      }),
  };
}
