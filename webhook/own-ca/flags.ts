import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { type Command, Option } from 'commander';
import { Ip } from '../../core/address/ip.ts';
import { parseDuration } from '../../core/duration.ts';
import { Problem } from '../../core/problem/problem.ts';
import type { OwnCaSettings } from './settings.ts';

/** What commander makes of the flags below. */
export interface OwnCaOptions {
  readonly ownCa: boolean;
  readonly ownCaSecret: string;
  readonly ownCaWebhook: string;
  readonly ownCaService: string;
  readonly ownCaSan: readonly string[];
  readonly ownCaLifetime: string;
  readonly ownCaServingLifetime: string;
  readonly ownCaOverlap: string;
  readonly namespace?: string;
}

/** Where Kubernetes tells a pod its namespace. */
const namespaceFile = '/var/run/secrets/kubernetes.io/serviceaccount/namespace';
/** Less would leave a replica no time to hear of a new CA. */
const leastOverlapSeconds = 10;
const name = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

/** Adds the flags of `--own-ca`. */
export function addOwnCaOptions(command: Command): Command {
  const more = (value: string, before: readonly string[]) => [...before, value];
  return command
    .option('--own-ca', 'make and rotate CA and certificate, in place of --tls-cert and --tls-key', false)
    .option('--own-ca-secret <name>', 'the Secret that holds them', 'realip-webhook-ca')
    .option('--own-ca-webhook <name>', 'the webhook configurations whose caBundle is kept', 'realip-webhook')
    .option('--own-ca-service <name>', 'the Service that API servers call', 'realip-webhook')
    .addOption(
      new Option('--own-ca-san <name>', 'one more host name or address; may be repeated')
        .argParser(more)
        .default([]),
    )
    .option('--own-ca-lifetime <time>', 'how long a CA is good', '365d')
    .option('--own-ca-serving-lifetime <time>', 'how long a serving certificate is good', '90d')
    .option('--own-ca-overlap <time>', 'how long an old CA is trusted beside its successor', '24h')
    .option('--namespace <name>', 'of Secret and Service; by default POD_NAMESPACE, else the pod’s own');
}

/** Those of the flags above, but `--own-ca` itself, that the command line has. */
export function ownCaFlagsOf(command: Command): string[] {
  return command.options
    .filter(({ long }) => /^--(?:own-ca-.*|namespace)$/.test(long ?? ''))
    .filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli')
    .map(({ long }) => long ?? '');
}

/** @throws Problem FLAG_INVALID */
export function ownCaSettings(options: OwnCaOptions): OwnCaSettings {
  const named = {
    namespace: options.namespace ?? process.env['POD_NAMESPACE'] ?? namespaceOfPod(),
    secret: options.ownCaSecret,
    webhook: options.ownCaWebhook,
    service: options.ownCaService,
  };
  for (const [what, text] of Object.entries(named)) {
    if (!name.test(text)) {
      throw new Problem('FLAG_INVALID', `"${text}" is no name of a ${what}`);
    }
  }
  const [caMs, servingMs, overlapMs] = [
    msOf('--own-ca-lifetime', options.ownCaLifetime),
    msOf('--own-ca-serving-lifetime', options.ownCaServingLifetime),
    msOf('--own-ca-overlap', options.ownCaOverlap),
  ];
  if (servingMs * 3 > caMs || overlapMs * 3 > servingMs || overlapMs < leastOverlapSeconds * 1000) {
    const rule = `the overlap is at least ${leastOverlapSeconds}s, a serving certificate lasts three times as long, and a CA three times that`;
    throw new Problem('FLAG_INVALID', `--own-ca: ${rule}`);
  }
  return { ...named, sans: options.ownCaSan.map(sanOf), caMs, servingMs, overlapMs };
}

function msOf(flag: string, text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) {
    throw new Problem('FLAG_INVALID', `${flag}: "${text}" is no duration such as 90d or 12h`);
  }
  return seconds * 1000;
}

function sanOf(text: string): string {
  if (isIP(text) !== 0) {
    return Ip.parse(text).toString();
  }
  if (!name.test(text)) {
    throw new Problem('FLAG_INVALID', `--own-ca-san: "${text}" is neither a host name nor an address`);
  }
  return text;
}

function namespaceOfPod(): string {
  try {
    return readFileSync(namespaceFile, 'utf8').trim();
  } catch {
    throw new Problem('FLAG_INVALID', '--own-ca: this is no pod; name the namespace with --namespace');
  }
}
