import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { Ip } from '../../core/address/ip.ts';
import { reasonOf } from '../../core/problem/problem.ts';
import { type Authority, bundleOf, type Contents, type Serving } from './contents.ts';
import type { SecretView } from './view.ts';

/** A Secret of another type is not ours. */
export const secretType = 'realip.io/webhook-ca';

const pemBlock = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** The certificates in a text of PEM; what can't be read is passed over. */
export function authoritiesIn(text: string): Authority[] {
  return (text.match(pemBlock) ?? []).flatMap((block) => {
    try {
      return [authorityOf(new X509Certificate(block))];
    } catch {
      return [];
    }
  });
}

/** The Secret's data as texts, by key. */
export type SecretData = Readonly<Record<string, string>>;

/** The data that says `contents`. */
export function dataOf(contents: Contents): SecretData {
  return {
    'ca.crt': bundleOf(contents),
    'ca.key': contents.signingKey,
    'tls.crt': contents.serving.cert,
    'tls.key': contents.serving.key,
    retired: contents.retired.join('\n'),
  };
}

/** What the data of our Secret says. */
export function viewOf(data: SecretData): SecretView {
  const authorities = authoritiesIn(data['ca.crt'] ?? '');
  try {
    return { kind: 'good', contents: contentsOf(data, authorities) };
  } catch (error) {
    return { kind: 'damaged', reason: `the Secret is damaged: ${reasonOf(error)}`, authorities };
  }
}

/** @throws Error for whatever is missing or does not belong together */
function contentsOf(data: SecretData, authorities: readonly Authority[]): Contents {
  const [first, ...others] = authorities;
  if (first === undefined) {
    throw new Error('ca.crt holds no certificate');
  }
  const signingKey = keyIn(data, 'ca.key');
  const ca = new X509Certificate(first.pem);
  if (!(ca.ca && ca.checkPrivateKey(createPrivateKey(signingKey)))) {
    throw new Error('ca.key is not the key of the CA in ca.crt');
  }
  const key = keyIn(data, 'tls.key');
  const serving = servingOf(data['tls.crt'] ?? '', key, authorities);
  const retired = (data['retired'] ?? '').split('\n').filter((line) => line !== '');
  return { trusted: [first, ...others], signingKey, serving, retired };
}

function keyIn(data: SecretData, name: string): string {
  const key = data[name];
  if (key === undefined || key === '') {
    throw new Error(`${name} is missing`);
  }
  return key;
}

/**
 * A serving certificate with what it says.
 *
 * @param authorities one of which must have signed it
 * @throws Error where none did, or the key is another one's
 */
export function servingOf(cert: string, key: string, authorities: readonly Authority[]): Serving {
  const leaf = new X509Certificate(cert);
  if (!leaf.checkPrivateKey(createPrivateKey(key))) {
    throw new Error('tls.key is not the key of tls.crt');
  }
  const issuer = authorities.find(({ pem }) => isSignedBy(leaf, new X509Certificate(pem)));
  if (issuer === undefined) {
    throw new Error('no CA of ca.crt has signed tls.crt');
  }
  const names = (leaf.subjectAltName ?? '').split(', ').map(nameIn);
  return { id: leaf.fingerprint256, issuer: issuer.id, ...lifeOf(leaf), names, cert, key };
}

/** `DNS:a.svc` → `a.svc`, `IP Address:FD00:0:0:0:0:0:0:5` → `fd00::5`. */
function nameIn(alternative: string): string {
  const name = alternative.replace(/^(DNS|IP Address):/, '');
  return isIP(name) === 0 ? name : Ip.parse(name).toString();
}

/** An authority as PEM says it; @throws Error for what is no certificate */
export function authorityOf(certificate: X509Certificate): Authority {
  return { id: certificate.fingerprint256, pem: certificate.toString(), ...lifeOf(certificate) };
}

function isSignedBy(leaf: X509Certificate, ca: X509Certificate): boolean {
  return leaf.checkIssued(ca) && leaf.verify(ca.publicKey);
}

function lifeOf({ validFrom, validTo }: X509Certificate): { from: number; until: number } {
  return { from: Date.parse(validFrom), until: Date.parse(validTo) };
}
