#!/usr/bin/env node
import type { Buffer } from 'node:buffer';
import { readFileSync } from 'node:fs';
import type { Logger } from 'winston';
import { Problem, reasonOf } from '../core/problem/problem.ts';
import { type KeyPair, keyPairOf, watchKeyPair } from '../service/certificate.ts';
import { openLog } from '../service/log.ts';
import { WatchedFiles } from '../service/watched-files.ts';
import { mutate, validate } from './admission/judge.ts';
import { Metrics } from './admission/metrics.ts';
import { type NamespaceLabels, Reviewer } from './admission/reviewer.ts';
import { routes } from './admission/routes.ts';
import { AdmissionServer } from './admission/server.ts';
import { type Flags, parseFlags } from './flags.ts';
import { KubeNamespaces } from './kube/namespaces.ts';
import { PolicyInUse } from './policy-in-use.ts';
import { StartError } from './start-error.ts';

/** Less than the 10 s after which a stopping webhook must be gone. */
const drainMs = 8_000;

async function main(): Promise<void> {
  const flags = parseFlags(process.argv);
  const log = openLog(flags.logLevel);
  const metrics = new Metrics();

  const policyText = read(flags.policy);
  const policy = new PolicyInUse(flags.policy, policyText, log, metrics);
  const pems = [read(flags.cert), read(flags.key)];
  const pair = keyPairOf(pems, new Date());
  metrics.certificateLoaded(pair.expires);

  const namespaces = await openNamespaces(flags, log);
  const server: AdmissionServer = new AdmissionServer(
    pair,
    routes({
      mutate: new Reviewer(mutate, () => policy.policy, namespaces),
      validate: new Reviewer(validate, () => policy.policy, namespaces),
      metrics,
      notReady: () => (server.draining ? 'the webhook is stopping' : null),
      told: (path, verdict, facts) => {
        const level = verdict.kind === 'denied' ? 'info' : 'debug';
        const why = verdict.kind === 'denied' ? { detail: verdict.problem.message } : {};
        log.log(level, verdict.kind, { path, reason: verdict.reason, ...facts, ...why });
      },
    }),
    log,
  );
  const watches = [
    new WatchedFiles([flags.policy], [policyText], {
      changed: ([contents]) => contents && policy.reload(contents),
      unreadable: (reason) =>
        log.error('the policy can’t be read; the last good one stays in use', { reason }),
    }),
    watchKeyPair([flags.cert, flags.key], pems, log, {
      changed: (renewed) => renew(server, renewed, metrics),
      refused: () => metrics.reload('certificate', 'refused'),
    }),
  ];

  const url = await server.listen(flags.listen);
  for (const watch of watches) {
    watch.start();
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // npx and shells pass on a signal that the process group has had already.
      if (server.draining) {
        return;
      }
      log.info('stopping', { signal });
      for (const watch of watches) {
        watch.stop();
      }
      void server.drain(drainMs).then(() => process.exit(0));
    });
  }
  process.stdout.write(`realip-webhook is ready at ${url}\n`);
}

async function openNamespaces(flags: Flags, log: Logger): Promise<NamespaceLabels> {
  if (!flags.kube) {
    return { of: () => Promise.resolve(null) };
  }
  return KubeNamespaces.open(log);
}

function renew(server: AdmissionServer, pair: KeyPair, metrics: Metrics): void {
  server.setKeyPair(pair);
  metrics.certificateLoaded(pair.expires);
  metrics.reload('certificate', 'ok');
}

/** @throws StartError in the form of a policy's mistakes, so that one parser of the output reads all. */
function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new StartError([`${file}:1: the file can't be read: ${reasonOf(error)}`]);
  }
}

main().catch((error: unknown) => {
  const lines = error instanceof StartError ? error.lines : [`realip-webhook: ${reasonOf(error)}`];
  const advice = error instanceof Problem ? [error.kind.advice] : [];
  process.stderr.write(`${[...lines, ...advice].join('\n')}\n`, () => process.exit(1));
});
