import { Command } from 'commander';
import { Problem } from '../core/problem/problem.ts';

export interface Flags {
  readonly host: string;
  readonly port: number;
  readonly policy: string;
  readonly cert: string;
  readonly key: string;
  readonly kube: boolean;
  readonly logLevel: string;
}

/** @throws Problem WEBHOOK_FLAG_INVALID; ends the process for --help and for what commander refuses. */
export function parseFlags(argv: readonly string[]): Flags {
  const command = new Command('realip-webhook')
    .description('Places pods in their zone as they are created: the admission webhook of realip.')
    .requiredOption('--listen <host:port>', 'address to serve HTTPS on', '0.0.0.0:9443')
    .requiredOption('--policy <file>', 'the zones and rules, as YAML; read again when it changes')
    .requiredOption('--tls-cert <file>', 'certificate (chain), PEM; read again when it changes')
    .requiredOption('--tls-key <file>', 'private key of the certificate, PEM')
    .option('--kube', 'know the labels of namespaces, by KUBECONFIG or from inside the cluster', false)
    .option('--log-level <level>', 'error, warn, info or debug', 'info')
    .allowExcessArguments(false)
    .parse([...argv]);
  const options = command.opts<{
    listen: string;
    policy: string;
    tlsCert: string;
    tlsKey: string;
    kube: boolean;
    logLevel: string;
  }>();
  if (!['error', 'warn', 'info', 'debug'].includes(options.logLevel)) {
    throw new Problem('WEBHOOK_FLAG_INVALID', `--log-level is "${options.logLevel}"`);
  }
  return {
    ...listenAddress(options.listen),
    policy: options.policy,
    cert: options.tlsCert,
    key: options.tlsKey,
    kube: options.kube,
    logLevel: options.logLevel,
  };
}

function listenAddress(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535) {
    throw new Problem('WEBHOOK_FLAG_INVALID', `--listen is "${text}", not host:port such as 0.0.0.0:9443`);
  }
  return { host: match[1] || match[2] || '0.0.0.0', port };
}
