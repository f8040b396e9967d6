import { readFileSync } from 'node:fs';
import { reasonOf } from '../core/problem/problem.ts';
import { type FilesLog, WatchedFiles } from '../service/watched-files.ts';
import { EtcdConnection } from './store/etcd/connection.ts';
import type { EtcdFlags, EtcdPlace } from './store/etcd/endpoint.ts';
import { etcdPlaceOf } from './store/open.ts';

type Flags = EtcdFlags & { readonly store: string };

/** Milliseconds before what was refused is tried again. */
const pause = 2_000;

/** The way to etcd: the last good certificates and password that the files of its flags have held. */
export class EtcdInUse {
  readonly prefix: string;
  readonly connection: EtcdConnection;
  readonly #flags: Flags;
  readonly #files: readonly string[];
  readonly #known: readonly Buffer[];
  #watch: WatchedFiles | null = null;
  #again: NodeJS.Timeout | undefined;
  #isOver = false;

  private constructor(flags: Flags, files: readonly string[], known: readonly Buffer[], place: EtcdPlace) {
    this.#flags = flags;
    this.#files = files;
    this.#known = known;
    this.prefix = place.prefix;
    this.connection = new EtcdConnection(place);
  }

  /** That of the server's flags; null for another store. @throws Problem FLAG_INVALID */
  static of(flags: Flags): EtcdInUse | null {
    const files = filesOf(flags);
    // Before they are taken over: what comes in between is told as a change.
    const known = files.map(contentOf);
    const place = etcdPlaceOf(flags);
    return place && new EtcdInUse(flags, files, known, place);
  }

  /** New streams and calls have a changed certificate, CA or password from now on, as soon as etcd lets it in. */
  follow(log: FilesLog, told: (result: 'ok' | 'refused') => void): void {
    let last = '';
    const refuse = (reason: string) => {
      if (reason !== last) {
        last = reason;
        told('refused');
        log.error('the changed way to etcd is not usable; the last good one stays in use', { reason });
      }
    };
    const renew = async () => {
      clearTimeout(this.#again);
      try {
        await this.#renew();
      } catch (error) {
        if (!this.#isOver) {
          refuse(reasonOf(error));
          // What etcd is to let in may be told to it later than to this server.
          this.#again = setTimeout(soon, pause).unref();
        }
        return;
      }
      last = '';
      told('ok');
      log.info('certificates and password for etcd are loaded again', { files: this.#files });
    };
    // One after the other, so that the last is what stays.
    let turn = Promise.resolve();
    const soon = () => {
      turn = turn.then(renew);
    };
    this.#watch = new WatchedFiles(this.#files, this.#known, {
      changed: soon,
      unreadable: refuse,
    });
    this.#watch.start();
  }

  stop(): void {
    this.#isOver = true;
    this.#watch?.stop();
    clearTimeout(this.#again);
  }

  async #renew(): Promise<void> {
    const place = etcdPlaceOf(this.#flags);
    if (place !== null) {
      await this.connection.renew(place);
    }
  }
}

function filesOf({ etcdCa, etcdCert, etcdKey, etcdPasswordFile }: EtcdFlags): string[] {
  return [etcdCa, etcdCert, etcdKey, etcdPasswordFile].filter((file) => file !== undefined);
}

/** Empty where it can't be read, which whoever takes it over says. */
function contentOf(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    return Buffer.alloc(0);
  }
}
