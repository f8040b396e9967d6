import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { Problem, reasonOf } from '../../../core/problem/problem.ts';

/** How etcd is reached: `--store etcd:URL,…` and the flags that go with it. */
export interface EtcdPlace {
  /** `http://host:port` or `https://host:port`, at least one; all with or all without TLS. */
  readonly endpoints: readonly URL[];
  /** What all keys begin with; ends with a slash. */
  readonly prefix: string;
  readonly tls: {
    readonly ca: Buffer | null;
    readonly cert: Buffer | null;
    readonly key: Buffer | null;
  } | null;
  readonly user: { readonly name: string; readonly password: string } | null;
}

/** What keys begin with unless `--etcd-prefix` says otherwise. */
export const defaultPrefix = '/realip/';

/** The flags of the etcd store as they were given. */
export interface EtcdFlags {
  readonly etcdCa?: string;
  readonly etcdCert?: string;
  readonly etcdKey?: string;
  readonly etcdPrefix?: string;
  readonly etcdUser?: string;
  readonly etcdPasswordFile?: string;
}

/**
 * @param text what follows `etcd:`, URLs with commas between
 * @throws Problem FLAG_INVALID
 */
export function etcdPlace(text: string, flags: EtcdFlags): EtcdPlace {
  const endpoints = text.split(',').map(endpointOf);
  const isTls = endpoints.some(({ protocol }) => protocol === 'https:');
  if (isTls && endpoints.some(({ protocol }) => protocol === 'http:')) {
    throw new Problem('FLAG_INVALID', '--store etcd: has endpoints with and without TLS');
  }
  const { etcdCa, etcdCert, etcdKey, etcdUser, etcdPasswordFile, etcdPrefix = defaultPrefix } = flags;
  if (!isTls && (etcdCa ?? etcdCert ?? etcdKey) !== undefined) {
    throw new Problem('FLAG_INVALID', '--etcd-ca, --etcd-cert and --etcd-key need https endpoints');
  }
  if ((etcdCert === undefined) !== (etcdKey === undefined)) {
    throw new Problem('FLAG_INVALID', '--etcd-cert and --etcd-key go together');
  }
  if ((etcdUser === undefined) !== (etcdPasswordFile === undefined)) {
    throw new Problem('FLAG_INVALID', '--etcd-user and --etcd-password-file go together');
  }
  if (!/^\/?[\x21-\x7e]*$/.test(etcdPrefix) || etcdPrefix === '') {
    throw new Problem('FLAG_INVALID', `--etcd-prefix "${etcdPrefix}" is no key of printable characters`);
  }
  return {
    endpoints,
    prefix: etcdPrefix.endsWith('/') ? etcdPrefix : `${etcdPrefix}/`,
    tls: isTls ? tlsOf(etcdCa, etcdCert, etcdKey) : null,
    user:
      etcdUser === undefined || etcdPasswordFile === undefined
        ? null
        : { name: etcdUser, password: read('--etcd-password-file', etcdPasswordFile).toString().trimEnd() },
  };
}

function endpointOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url !== null && url.pathname === '/' && url.search === '' && url.username === '';
  if (url === null || !isPlain || !['http:', 'https:'].includes(url.protocol)) {
    throw new Problem('FLAG_INVALID', `--store etcd: "${text}" is not http://HOST:PORT or https://HOST:PORT`);
  }
  return url;
}

function tlsOf(ca: string | undefined, cert: string | undefined, key: string | undefined): EtcdPlace['tls'] {
  const tls = {
    ca: ca === undefined ? null : certificate('--etcd-ca', ca),
    cert: cert === undefined ? null : certificate('--etcd-cert', cert),
    key: key === undefined ? null : read('--etcd-key', key),
  };
  try {
    createSecureContext({ cert: tls.cert ?? undefined, key: tls.key ?? undefined });
  } catch (error) {
    throw new Problem('FLAG_INVALID', `--etcd-key ${key} does not serve: ${reasonOf(error)}`, {}, error);
  }
  return tls;
}

function certificate(flag: string, path: string): Buffer {
  const pem = read(flag, path);
  try {
    new X509Certificate(pem);
  } catch (error) {
    throw new Problem('FLAG_INVALID', `${flag} ${path} is no certificate: ${reasonOf(error)}`, {}, error);
  }
  return pem;
}

function read(flag: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new Problem('FLAG_INVALID', `${flag} ${path} cannot be read: ${reasonOf(error)}`, {}, error);
  }
}
