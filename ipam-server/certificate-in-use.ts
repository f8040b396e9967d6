import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Server as TlsServer } from 'node:tls';
import { Problem, reasonOf } from '../core/problem/problem.ts';
import { type KeyPair, keyPairOf, watchKeyPair } from '../service/certificate.ts';
import type { FilesLog, WatchedFiles } from '../service/watched-files.ts';

interface TlsFlags {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

/** The certificate of the server: the last good one that its files have held. */
export class CertificateInUse {
  readonly #files: readonly [cert: string, key: string];
  readonly #pems: readonly Buffer[];
  readonly first: KeyPair;
  #last: Buffer;
  #watch: WatchedFiles | null = null;

  /** @throws Problem CERTIFICATE_INVALID */
  constructor(...files: [cert: string, key: string]) {
    this.#files = files;
    try {
      this.#pems = files.map((file) => readFileSync(file));
      this.first = keyPairOf(this.#pems, new Date());
      this.#last = this.first.cert;
    } catch (error) {
      const detail = `${files.join(' and ')}: ${reasonOf(error)}`;
      throw new Problem('CERTIFICATE_INVALID', detail, {}, error);
    }
  }

  /** That of the server's flags; null without TLS. @throws Problem CERTIFICATE_INVALID */
  static of({ tlsCert, tlsKey }: TlsFlags): CertificateInUse | null {
    return tlsCert === undefined || tlsKey === undefined ? null : new CertificateInUse(tlsCert, tlsKey);
  }

  /** SHA-256 of what clients are shown, as `A1:B2:…`. */
  get fingerprint(): string {
    return new X509Certificate(this.#last).fingerprint256;
  }

  /** New connections of the server get a changed certificate from now on; open ones live on with theirs. */
  follow(server: unknown, log: FilesLog, told: (result: 'ok' | 'refused') => void): void {
    if (!(server instanceof TlsServer)) {
      return;
    }
    this.#watch = watchKeyPair(this.#files, this.#pems, log, {
      changed: ({ cert, key }) => {
        server.setSecureContext({ cert, key });
        this.#last = cert;
        told('ok');
      },
      refused: () => told('refused'),
    });
    this.#watch.start();
  }

  stop(): void {
    this.#watch?.stop();
  }
}
