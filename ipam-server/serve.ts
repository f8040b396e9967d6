import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from '../core/problem/problem.ts';
import { urlOf } from '../service/listen.ts';
import { openLog } from '../service/log.ts';
import { CertificateInUse } from './certificate-in-use.ts';
import { Chores } from './chores.ts';
import { watchCommits } from './commit-watch.ts';
import { EtcdInUse } from './etcd-in-use.ts';
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
import { forgetOutsiders } from './ledger/upkeep/forget.ts';
import { listenForMetrics } from './metrics-port.ts';
import { ownUrl } from './seat/address.ts';
import { Elected } from './seat/elected.ts';
import { stopOnSignal } from './stop.ts';
import { Keeper } from './store/keeper.ts';
import { openStore } from './store/open.ts';
import type { Store } from './store/store.ts';
import { TokensInUse } from './tokens/tokens-in-use.ts';

/** Milliseconds for which a stopping leader answers what was begun, before another may lead. */
const handOver = 1_500;

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
  const certificate = CertificateInUse.of(flags);

  const etcd = EtcdInUse.of(flags);
  const store = etcd === null ? wrap(await openStore(flags.store)) : null;
  const name = store?.name ?? flags.store;
  const metrics: Metrics = new Metrics({
    ledger: () => ledgerMetrics(() => keeper.peek((ledger, now) => ({ ledger, now })), flags.metricsRanges),
    leads: () => seat?.leads ?? true,
    queued: () => keeper.queued,
    clockBehind: () => keeper.clockBehind,
  });
  const watchers = new Watchers();
  let nodes: NodeKeeper | null = null;
  const logCommits = watchCommits(metrics, log, name);
  const logEvents = watchEvents(metrics, log);
  const keeper = new Keeper({
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
      log.error('the store failed', { store: name, reason: reasonOf(error) });
    },
  });
  nodes = flags.kubeNodes === 'keep' ? (cluster?.keepNodes({ ledger: keeper, metrics, log }) ?? null) : null;
  const tidy = () => keeper.apply((ledger, { now }) => forgetOutsiders(ledger, now), byServer);
  const tellOfNew = () => {
    if (keeper.peek((ledger) => ledger.sequence) === 0) {
      log.warn('new ledger: nothing was ever written to it', { store: name });
    }
  };
  const onLead = () => tidy().then(tellOfNew);
  const seat =
    etcd &&
    new Elected({
      connection: etcd.connection,
      prefix: etcd.prefix,
      ...{ name, keeper, log, onLead, onFollow: () => watchers.end() },
    });
  if (store !== null) {
    await leadAlone(keeper, store);
    await tidy();
  }

  const chores = new Chores(keeper, log, flags, nodes);
  let stopping = false;
  const app = await httpServer({
    ...{ keeper, metrics, log, authenticator, watchers, seat },
    pods: cluster?.pods ?? null,
    tls: certificate?.first ?? null,
    isStopping: () => stopping,
  });
  const connections = new Connections(app.server, flags.maxConnections);
  const metricsPort = flags.metricsListen && (await listenForMetrics(flags.metricsListen, metrics));
  stopOnSignal(log, {
    begin: () => {
      stopping = true;
      tokens?.stop();
      chores.stop();
      certificate?.stop();
      etcd?.stop();
    },
    drain: async () => {
      metricsPort?.close();
      watchers.close();
      connections.closeWhenIdle();
      const answered = app.close();
      // Who still reads an answer must not keep the others waiting for a leader.
      await Promise.race([answered, sleep(handOver, undefined, { ref: false })]);
      await seat?.stop();
      await answered;
      await keeper.close();
    },
    cut: () => app.server.closeAllConnections(),
  });

  await app.listen({ ...flags.listen });
  const bound = app.server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : flags.listen.port;
  const scheme = certificate === null ? 'http' : 'https';
  const own = { host: flags.listen.host, port };
  const url = flags.advertiseUrl ?? ownUrl(scheme, own);
  etcd?.follow(log, reloaded('etcd'));
  await seat?.begin(url, certificate?.fingerprint ?? null);
  tokens?.start();
  chores.start();
  certificate?.follow(app.server, log, (result) => {
    reloaded('certificate')(result);
    seat?.redeclare(url, certificate.fingerprint);
  });
  if (seat === null) {
    tellOfNew();
  }
  log.info('ready', { store: name, ...flags.listen, port });
  process.stdout.write(`realip-ipam-server ready on ${urlOf(scheme, own)}\n`);
}

/** Begins with a store that is this server's alone; @throws Problem STORE_* */
async function leadAlone(keeper: Keeper, store: Store): Promise<void> {
  try {
    await keeper.lead(store, null);
  } catch (error) {
    // Left open, a file would look like that of a server that died.
    await store.close().catch(() => {});
    throw error;
  }
}
