import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './namespace.ts';

export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/**
 * Makes a certificate authority and one server certificate, valid for a day.
 *
 * @param names subject alternative names as openssl writes them, such as `IP:10.9.0.10`
 * @returns paths of the PEM files
 */
export async function makeCertificates(folder: string, names: readonly string[]): Promise<Certificates> {
  const path = (name: string) => join(folder, name);
  const files = { ca: path('ca.pem'), cert: path('server.pem'), key: path('server.key') };
  const caKey = path('ca.key');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  await run('openssl', [
    'req',
    '-x509',
    ...key,
    '-keyout',
    caKey,
    '-out',
    files.ca,
    '-days',
    '1',
    '-subj',
    '/CN=realip lab CA',
  ]);
  const request = path('server.csr');
  await run('openssl', ['req', ...key, '-keyout', files.key, '-out', request, '-subj', '/CN=realip lab']);
  const extensions = path('server.ext');
  writeFileSync(extensions, `subjectAltName=${names.join(',')}\n`);
  const signing = ['-CA', files.ca, '-CAkey', caKey, '-CAcreateserial', '-days', '1', '-extfile', extensions];
  await run('openssl', ['x509', '-req', '-in', request, '-out', files.cert, ...signing]);
  return files;
}
