import { randomUUID } from 'node:crypto';
import { reasonOf } from '../core/problem/problem.ts';
import { urlOf } from '../service/listen.ts';
import { openLog } from '../service/log.ts';
import { BlockReturns } from './block-returns.ts';
import { CertificateInUse } from './certificate-in-use.ts';
import { watchCommits } from './commit-watch.ts';
import { watchEvents } from './event-watch.ts';
import { parseFlags } from './flags.ts';
import { Connections } from './http/connections.ts';
import { ledgerMetrics } from './http/ledger-metrics.ts';
import { Metrics } from './http/metrics.ts';
import { httpServer } from './http/server.ts';
import { Watchers } from './http/watch/watchers.ts';
import type { NodeKeeper } from './kube/node-keeper.ts';
import { authenticatorOf, openCluster } from './kube/open.ts';
import { byServer } from './ledger/events/event.ts';
import { expireReserves } from './ledger/nodes/expire.ts';
import { forgetOutsiders } from './ledger/upkeep/forget.ts';
import { listenForMetrics } from './metrics-port.ts';
import { Retention } from './retention.ts';
import { SilenceWatch } from './silence-watch.ts';
import { stopOnSignal } from './stop.ts';
import { Keeper } from './store/keeper.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/store.ts';
import { TokensInUse } from './tokens/tokens-in-use.ts';

/**
 * Runs the IPAM server until a signal ends the process; the promise is kept once it is ready.
 *
 * @param args the command line after the program's name
 * @param wrap puts something around the store, such as a delay for a bench
 * @throws Problem; CommanderError with exit code 0 after --help
 */
export async function serve(args: readonly string[], wrap = (store: Store): Store => store): Promise<void> {
  const flags = parseFlags(args);
  const log = openLog(flags.logLevel);
  const reloaded = (what: string) => (result: string) => metrics.reloads.inc({ what, result });
  const tokens = flags.tokens === undefined ? null : new TokensInUse(flags.tokens, log, reloaded('tokens'));
  const cluster = flags.kube === true ? await openCluster(flags.tokenAudience) : null;
  const authenticator = authenticatorOf(tokens, cluster);
  if (cluster === null && (tokens?.sizes.serviceAccounts ?? 0) > 0) {
    log.warn('the tokens file has serviceAccounts; they may call only with --kube');
  }
  const { tlsCert, tlsKey } = flags;
  const certificate =
    tlsCert === undefined || tlsKey === undefined ? null : new CertificateInUse(tlsCert, tlsKey);

  const store = wrap(await openStore(flags.store));
  const metrics: Metrics = new Metrics({
    ledger: () => ledgerMetrics(() => keeper.peek((ledger, now) => ({ ledger, now })), flags.metricsRanges),
    queued: () => keeper.queued,
    clockBehind: () => keeper.clockBehind,
  });
  const watchers = new Watchers();
  let nodes: NodeKeeper | null = null;
  const logCommits = watchCommits(metrics, log, store.name);
  const logEvents = watchEvents(metrics, log);
  const keeper = await Keeper.start(store, {
    now: Date.now,
    id: randomUUID,
    onCommit: (records, seconds) => {
      logCommits(records, seconds);
      nodes?.changed();
    },
    onEvents: (last, events) => {
      logEvents(last, events);
      watchers.take(last, events);
    },
    onStoreError: (error) => {
      metrics.storeErrors.inc();
      log.error('the store failed', { store: store.name, reason: reasonOf(error) });
    },
  });
  nodes = flags.kubeNodes === 'keep' ? (cluster?.keepNodes({ ledger: keeper, metrics, log }) ?? null) : null;

  await keeper.apply((ledger, { now }) => forgetOutsiders(ledger, now), byServer);

  const expiry = setInterval(() => {
    keeper
      .apply((ledger, { now }) => expireReserves(ledger, now), byServer)
      .then(
        (addresses) => addresses.length > 0 && log.warn('reserves have expired', { addresses }),
        // The store’s failures are logged where they happen; the next time will do.
        () => {},
      );
  }, 60_000);
  const silence =
    flags.fenceSilentAfter === undefined ? null : new SilenceWatch(keeper, flags.fenceSilentAfter, log);

  const retention = new Retention(keeper, flags.retention, log);
  const blocks = new BlockReturns(keeper, log);

  // Watchers are told of what ends by itself also while nobody calls.
  const upkeep = setInterval(() => void keeper.keepUp().catch(() => {}), 1_000);
  let stopping = false;
  const app = await httpServer({
    keeper,
    metrics,
    log,
    authenticator,
    pods: cluster?.pods ?? null,
    tls: certificate?.first ?? null,
    isStopping: () => stopping,
    watchers,
  });
  const connections = new Connections(app.server, flags.maxConnections);
  const metricsPort = flags.metricsListen && (await listenForMetrics(flags.metricsListen, metrics));
  stopOnSignal(log, {
    begin: () => {
      stopping = true;
      retention.stop();
      clearInterval(upkeep);
      tokens?.stop();
      silence?.stop();
      blocks.stop();
      nodes?.stop();
      clearInterval(expiry);
      certificate?.stop();
    },
    drain: async () => {
      metricsPort?.close();
      watchers.close();
      connections.closeWhenIdle();
      await app.close();
      await keeper.close();
    },
    cut: () => app.server.closeAllConnections(),
  });

  await app.listen({ ...flags.listen });
  tokens?.start();
  silence?.start();
  retention.start();
  blocks.start();
  nodes?.start();
  certificate?.follow(app.server, log, reloaded('certificate'));
  const bound = app.server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : flags.listen.port;
  if (keeper.peek((ledger) => ledger.sequence) === 0) {
    log.warn('new ledger: nothing was ever written to it', { store: store.name });
  }
  log.info('ready', { store: store.name, ...flags.listen, port });
  process.stdout.write(
    `realip-ipam-server ready on ${urlOf(certificate ? 'https' : 'http', { host: flags.listen.host, port })}\n`,
  );
}
