import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from './host.ts';
import { IpamServer } from './ipam.ts';

const adminToken = 'a-long-token-of-the-admin';

/** Makes `<name>.key` and `<name>.crt` for an address, signed by itself. */
export function certify(folder: string, name: string, ip: string): void {
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'],
      ...['-subj', `/CN=${name}`, '-addext', `subjectAltName=IP:${ip}`],
      ...['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)],
    ],
    { stdio: 'ignore' },
  );
}

/**
 * The IPAM server with TLS and tokens. Its certificate is `server.crt` in the folder, the token of a node
 * `tokens/<node>`.
 */
export function startSecured(
  host: Host,
  folder: string,
  ip: string,
  port: number,
  nodes: readonly string[],
): Promise<IpamServer> {
  certify(folder, 'server', ip);
  const at = (name: string) => join(folder, name);
  mkdirSync(at('tokens'));
  const tokens = nodes.map((node) => ({ token: `a-long-token-of-node-${node}`, role: `node:${node}` }));
  for (const [index, { token }] of tokens.entries()) {
    writeFileSync(at(`tokens/${nodes[index]}`), `${token}\n`);
  }
  writeFileSync(
    at('tokens.yaml'),
    JSON.stringify({ tokens: [{ token: adminToken, role: 'admin' }, ...tokens] }),
  );
  const flags = [
    ...['--listen', `${ip}:${port}`, '--tokens', at('tokens.yaml')],
    ...['--tls-cert', at('server.crt'), '--tls-key', at('server.key')],
  ];
  return IpamServer.start(host, {
    flags,
    url: `https://${ip}:${port}`,
    adminToken,
    caFile: at('server.crt'),
  });
}
