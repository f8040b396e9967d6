import type { Buffer } from 'node:buffer';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { Problem, reasonOf } from '../core/problem/problem.ts';
import { type FilesLog, WatchedFiles } from './watched-files.ts';

/** A certificate (chain) with its private key, both PEM, known to belong together. */
export interface KeyPair {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly expires: Date;
}

/**
 * @param pems the contents of the certificate’s file and of the key’s
 * @throws Problem CERTIFICATE_INVALID: not PEM, not a pair, or no longer valid at `now`
 */
export function keyPairOf([cert, key]: readonly Buffer[], now: Date): KeyPair {
  if (cert === undefined || key === undefined) {
    throw new Problem('CERTIFICATE_INVALID', 'certificate or key is missing');
  }
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

export interface KeyPairListener {
  /** New connections shall have this pair. */
  changed(pair: KeyPair): void;
  /** The files hold no usable pair; the last good one stays. */
  refused(): void;
}

/**
 * Tells each new pair that the two files hold, and logs what happens.
 *
 * @param files of the certificate and of its key
 * @param known their contents when they were last taken over
 */
export function watchKeyPair(
  files: readonly [cert: string, key: string],
  known: readonly Buffer[],
  log: FilesLog,
  listener: KeyPairListener,
): WatchedFiles {
  return new WatchedFiles(files, known, {
    changed: (pems) => {
      try {
        const pair = keyPairOf(pems, new Date());
        listener.changed(pair);
        log.info('certificate loaded', { expires: pair.expires.toISOString() });
      } catch (error) {
        listener.refused();
        log.error('the changed certificate is not usable; the last good one stays in use', {
          reason: reasonOf(error),
        });
      }
    },
    unreadable: (reason) =>
      log.error('the certificate can’t be read; the last good one stays in use', { reason }),
  });
}
