import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

function openssl(folder: string, ...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
}

const ecKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** Clients of the API server by their files' names, with the subjects that it knows their rights by. */
export const clients = {
  admin: '/O=system:masters/CN=admin',
  scheduler: '/CN=system:kube-scheduler',
  'controller-manager': '/CN=system:kube-controller-manager',
  proxy: '/CN=system:kube-proxy',
} as const;
export type Client = keyof typeof clients;

/**
 * What a test cluster needs, made by openssl in a folder: `ca`, `apiserver` and the named clients (.crt, .key), and
 * `sa.key`, `sa.pub`.
 *
 * @param more further clients: subjects by their files' names
 */
export function makeCertificates(
  folder: string,
  names: readonly Client[],
  more: Readonly<Record<string, string>> = {},
): void {
  // A cluster may be left up for a while, to play with.
  const day = ['-days', '30'];
  openssl(
    folder,
    'req',
    '-x509',
    ...ecKey,
    '-keyout',
    'ca.key',
    '-out',
    'ca.crt',
    ...day,
    '-subj',
    '/CN=test-ca',
  );
  const sign = (name: string, subject: string, extensions: string) => {
    writeFileSync(join(folder, `${name}.ext`), extensions);
    openssl(folder, 'req', ...ecKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject);
    const ca = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'];
    openssl(
      folder,
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...ca,
      '-out',
      `${name}.crt`,
      ...day,
      '-extfile',
      `${name}.ext`,
    );
  };
  const hosts = [
    'DNS:kubernetes',
    'DNS:kubernetes.default',
    'DNS:kubernetes.default.svc',
    'DNS:kubernetes.default.svc.cluster.local',
    'IP:127.0.0.1',
    'IP:10.96.0.1',
    'IP:10.9.0.10',
  ];
  sign('apiserver', '/CN=kube-apiserver', `subjectAltName=${hosts.join(',')}\nextendedKeyUsage=serverAuth\n`);
  const subjects = [...names.map((name) => [name, clients[name]] as const), ...Object.entries(more)];
  for (const [name, subject] of subjects) {
    sign(name, subject, 'extendedKeyUsage=clientAuth\n');
  }
  openssl(folder, 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'sa.key');
  openssl(folder, 'ec', '-in', 'sa.key', '-pubout', '-out', 'sa.pub');
}
