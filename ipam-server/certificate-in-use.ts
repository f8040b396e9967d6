import { readFileSync } from 'node:fs';
import { Server as TlsServer } from 'node:tls';
import { Problem, reasonOf } from '../core/problem/problem.ts';
import { type CertificateLog, type KeyPair, keyPairOf, watchKeyPair } from '../service/certificate.ts';
import type { WatchedFiles } from '../service/watched-files.ts';

/** The certificate of the server: the last good one that its files have held. */
export class CertificateInUse {
  readonly #files: readonly [cert: string, key: string];
  readonly #pems: readonly Buffer[];
  readonly first: KeyPair;
  #watch: WatchedFiles | null = null;

  /** @throws Problem CERTIFICATE_INVALID */
  constructor(...files: [cert: string, key: string]) {
    this.#files = files;
    try {
      this.#pems = files.map((file) => readFileSync(file));
      this.first = keyPairOf(this.#pems, new Date());
    } catch (error) {
      const detail = `${files.join(' and ')}: ${reasonOf(error)}`;
      throw new Problem('CERTIFICATE_INVALID', detail, {}, error);
    }
  }

  /** New connections of the server get a changed certificate from now on; open ones live on with theirs. */
  follow(server: unknown, log: CertificateLog, told: (result: 'ok' | 'refused') => void): void {
    if (!(server instanceof TlsServer)) {
      return;
    }
    this.#watch = watchKeyPair(this.#files, this.#pems, log, {
      changed: ({ cert, key }) => {
        server.setSecureContext({ cert, key });
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
