import type { Buffer } from 'node:buffer';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { Problem, reasonOf } from '../../core/problem/problem.ts';

/** A certificate (chain) with its private key, both PEM, known to belong together. */
export interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly expires: Date;
}

/** @throws Problem CERTIFICATE_INVALID: not PEM, not a pair, or no longer valid at `now`. */
export function keyPair(cert: Buffer, key: Buffer, now: Date): KeyPair {
  let leaf: X509Certificate;
  try {
    leaf = new X509Certificate(cert);
    if (leaf.checkPrivateKey(createPrivateKey(key))) {
      createSecureContext({ cert, key });
    } else {
      throw new Error('the private key is not the key of the certificate');
    }
  } catch (error) {
    throw new Problem('CERTIFICATE_INVALID', `the certificate is not usable: ${reasonOf(error)}`);
  }
  const expires = new Date(leaf.validTo);
  if (expires <= now) {
    throw new Problem('CERTIFICATE_INVALID', `the certificate ended on ${expires.toISOString()}`);
  }
  return { cert, key, expires };
}
