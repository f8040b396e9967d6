import { execFileSync } from 'node:child_process';

/**
 * What etcd's admin makes, in a folder: an authority (`etcd-ca`), a certificate of all members for clients and each other
 * (`etcd-member`), and one of a client (`etcd-client`); each `.crt` and `.key`.
 *
 * @param addresses of the members
 */
export function makeEtcdCertificates(folder: string, addresses: readonly string[]): void {
  const make = (name: string, subject: string, ...more: string[]) =>
    execFileSync(
      'openssl',
      [
        ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30'],
        ...['-subj', subject, '-keyout', `${name}.key`, '-out', `${name}.crt`, ...more],
      ],
      { cwd: folder, stdio: 'pipe' },
    );
  const signed = (usage: string) => [
    ...['-CA', 'etcd-ca.crt', '-CAkey', 'etcd-ca.key', '-addext', 'basicConstraints=critical,CA:FALSE'],
    ...['-addext', `extendedKeyUsage=${usage}`],
  ];
  make('etcd-ca', '/CN=etcd CA');
  const names = `subjectAltName=${addresses.map((address) => `IP:${address}`).join(',')}`;
  make('etcd-member', '/CN=etcd', ...signed('serverAuth,clientAuth'), '-addext', names);
  make('etcd-client', '/CN=realip', ...signed('clientAuth'));
}
