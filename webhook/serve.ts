import type { Logger } from 'winston';
import { openLog } from '../service/log.ts';
import { Explainer } from './admission/explainer.ts';
import { mutate } from './admission/judge.ts';
import { Metrics } from './admission/metrics.ts';
import { type NamespaceLabels, Reviewer } from './admission/reviewer.ts';
import { routes } from './admission/routes.ts';
import { AdmissionServer } from './admission/server.ts';
import { validateWith } from './admission/validate.ts';
import { denialDetail, type Verdict } from './admission/verdict.ts';
import type { Companion } from './companion.ts';
import { type Flags, parseFlags } from './flags.ts';
import { type KeyPairInUse, keyPairFromFiles } from './key-pair-in-use.ts';
import { ApiServer } from './kube/api-server.ts';
import { KubeNamespaces } from './kube/namespaces.ts';
import { configMapNamed, policyFromConfigMap } from './kube/policy-config-map.ts';
import { LedgerClient } from './ledger/ledger-client.ts';
import { live } from './life.ts';
import { PolicyInUse } from './policy-in-use.ts';
import { policyFromFile } from './policy-source.ts';
import { Repair } from './repair/repair.ts';

/**
 * `realip-webhook --listen …`: serves reviews until a signal ends the process.
 *
 * @throws StartError, Problem for what keeps it from starting; CommanderError after --help and for bad flags
 */
export async function serve(args: readonly string[]): Promise<void> {
  const flags = parseFlags(args);
  const log = openLog(flags.logLevel);
  const metrics = new Metrics();
  const policy = await openPolicy(flags, log, metrics);
  const keyPair = await openKeyPair(flags, log, metrics);
  const kube = flags.kube ? new KubeNamespaces(await ApiServer.open(), log, metrics.registry) : null;
  const namespaces: NamespaceLabels = kube ?? { of: () => Promise.resolve(null) };

  const ledger = openLedger(flags, log, metrics);
  await ledger?.tellUnreadable();

  const companions: Companion[] = [];
  const server: AdmissionServer = new AdmissionServer(
    keyPair.first,
    routes({
      mutate: new Reviewer(mutate, () => policy.policy, namespaces),
      validate: new Reviewer(validateWith(ledger), () => policy.policy, namespaces),
      explain: new Explainer(() => policy.policy, namespaces),
      metrics,
      notReady: () => (server.draining ? 'the webhook is stopping' : firstReason(companions)),
      told: (path, verdict, facts) => tell(log, path, verdict, facts),
    }),
    log,
  );
  companions.push(
    policy.keptCurrent(),
    keyPair.keptCurrent((pair) => server.setKeyPair(pair)),
    ...(kube === null ? [] : [kube]),
  );

  if (flags.repair) {
    const { registry } = metrics;
    companions.push(await Repair.open({ policy: () => policy.policy, namespaces, registry, log }));
  }

  const url = await server.listen(flags.listen);
  log.info('listening', { url });
  live(server, companions, log);
  await Promise.all(companions.map((each) => each.ready?.()));
  process.stdout.write(`realip-webhook is ready at ${url}\n`);
}

async function openPolicy(flags: Flags, log: Logger, metrics: Metrics): Promise<PolicyInUse> {
  const map = configMapNamed(flags.policy);
  const source = map === null ? policyFromFile(flags.policy) : await policyFromConfigMap(map, log);
  return new PolicyInUse(source, { namespaceLabels: flags.kube }, log, metrics);
}

async function openKeyPair({ certificate }: Flags, log: Logger, metrics: Metrics): Promise<KeyPairInUse> {
  if ('files' in certificate) {
    return keyPairFromFiles(certificate.files, log, metrics);
  }
  // What makes certificates is loaded only where it is used.
  const { keyPairFromOwnCa } = await import('./own-ca/open.ts');
  return keyPairFromOwnCa(certificate.ownCa, log, metrics);
}

function openLedger({ ledger }: Flags, log: Logger, metrics: Metrics): LedgerClient | null {
  return ledger && new LedgerClient(ledger, { counted: (outcome) => metrics.ledgerAsked(outcome), log });
}

function firstReason(companions: readonly Companion[]): string | null {
  return companions.map((each) => each.notReady?.() ?? null).find((reason) => reason !== null) ?? null;
}

function tell(log: Logger, path: string, verdict: Verdict, facts: object): void {
  const level = verdict.kind === 'denied' ? 'info' : 'debug';
  // winston formats a line before it looks whether anybody wants it.
  if (!log.isLevelEnabled(level)) {
    return;
  }
  const why = verdict.kind === 'denied' ? { detail: denialDetail(verdict.problem) } : {};
  log.log(level, verdict.kind, { path, reason: verdict.reason, ...facts, ...why });
}
