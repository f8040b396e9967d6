#!/usr/bin/env node
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CommanderError } from 'commander';
import { Problem, reasonOf } from '../core/problem/problem.ts';
import { type Flags, type ListenAddress, parseFlags } from './flags.ts';
import { TokenTable } from './http/caller.ts';
import { Connections } from './http/connections.ts';
import { Metrics } from './http/metrics.ts';
import { httpServer } from './http/server.ts';
import { forgetOutsiders } from './ledger/forget.ts';
import { usageOf } from './ledger/usage.ts';
import { makeLog } from './log.ts';
import { metricsServer } from './metrics-port.ts';
import { stopOnSignal } from './stop.ts';
import { Keeper } from './store/keeper.ts';
import { openStore } from './store/open.ts';
import { readTokens } from './tokens.ts';

/** Beside this program in dist/. */
const sqliteWorker = new URL('sqlite-worker.js', import.meta.url);

function readTls({ tlsCert, tlsKey }: Flags) {
  if (tlsCert === undefined || tlsKey === undefined) {
    return null;
  }
  try {
    return { cert: readFileSync(tlsCert, 'utf8'), key: readFileSync(tlsKey, 'utf8') };
  } catch (error) {
    throw new Problem('SERVER_FLAGS_INVALID', `the TLS files cannot be read: ${reasonOf(error)}`, {}, error);
  }
}

function urlOf(scheme: string, { host }: ListenAddress, port: number): string {
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function main(): Promise<void> {
  const flags = parseFlags(process.argv.slice(2));
  const log = makeLog(flags.logLevel);
  const authenticator = flags.tokens === undefined ? null : new TokenTable(readTokens(flags.tokens));
  const tls = readTls(flags);

  const store = await openStore(flags.store, sqliteWorker);
  const metrics: Metrics = new Metrics(
    () =>
      keeper.peek(
        (ledger, now) =>
          new Map(Array.from(ledger.networks, ([name, network]) => [name, usageOf(network, now)])),
      ) ?? new Map(),
  );
  const keeper = await Keeper.start(store, {
    now: Date.now,
    id: randomUUID,
    onCommit: (records, seconds) => {
      metrics.commitSeconds.observe(seconds);
      metrics.commitRecords.observe(records);
    },
    onStoreError: (error) => {
      metrics.storeErrors.inc();
      log.error('the store failed', { store: store.name, reason: reasonOf(error) });
    },
  });

  await keeper.apply((ledger, { now }) => forgetOutsiders(ledger, now));

  let stopping = false;
  const app = await httpServer({ keeper, metrics, log, authenticator, tls, isStopping: () => stopping });
  const connections = new Connections(app.server);
  const metricsPort = flags.metricsListen === undefined ? null : metricsServer(metrics);
  stopOnSignal(log, {
    begin: () => {
      stopping = true;
    },
    drain: async () => {
      metricsPort?.close();
      connections.closeWhenIdle();
      await app.close();
      await keeper.close();
    },
    cut: () => app.server.closeAllConnections(),
  });

  metricsPort?.listen(flags.metricsListen);
  await app.listen({ ...flags.listen });
  const bound = app.server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : flags.listen.port;
  log.info('ready', { store: store.name, ...flags.listen, port });
  process.stdout.write(`realip-ipam-server ready on ${urlOf(tls ? 'https' : 'http', flags.listen, port)}\n`);
}

main().catch((error: unknown) => {
  if (error instanceof CommanderError && error.exitCode === 0) {
    process.exit(0);
  }
  const explained = error instanceof Problem ? ` ${error.kind.title} ${error.kind.advice}` : '';
  process.stderr.write(`realip-ipam-server: ${reasonOf(error)}.${explained}\n`);
  process.exit(1);
});
