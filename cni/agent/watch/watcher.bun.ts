import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import { lastErrno, libc, rareLibc } from '../../../netlink/libc.bun.ts';
import { SystemError } from '../../../netlink/system-error.ts';
import type { Watched, Watcher } from '../doors.ts';
import type { Told } from './claims.ts';
import type { FromThread, ToThread, WatchChange, WatchFigures } from './messages.ts';

const EFD_NONBLOCK_CLOEXEC = 0x80800;

/** Milliseconds before a thread that failed is started anew. */
const restartAfter = 1_000;

/** What is told of the watch; all of it on the agent's own thread. */
export interface WatchNews {
  /** @param device where it was heard */
  claimed(told: Told, device: string): void;
  /** Each ten seconds, and when asked for. */
  heard(figures: WatchFigures): void;
  /** Nothing is heard at present; it is tried again by itself. */
  failed(reason: string): void;
}

/** Watches by a thread that blocks in poll(2) on packet sockets; see docs/agent.md. */
export class LanWatcher implements Watcher {
  readonly #master: string | undefined;
  readonly #news: WatchNews;
  readonly #bell: number;
  readonly #sent = new SharedArrayBuffer(4);
  readonly #watched = new Map<string, Watched>();
  readonly #closed = Promise.withResolvers<void>();
  #thread: Worker | undefined;
  #restart: Timer | undefined;

  private constructor(master: string | undefined, news: WatchNews, bell: number) {
    this.#master = master;
    this.#news = news;
    this.#bell = bell;
    this.#start();
  }

  /**
   * @param master name of an interface of the agent's own namespace; its VLANs are listened on too. Absent: the device of
   *   the default route
   */
  static open(master: string | undefined, news: WatchNews): LanWatcher {
    const bell = rareLibc().eventfd(0, EFD_NONBLOCK_CLOEXEC);
    if (bell < 0) {
      throw new SystemError('make an eventfd', lastErrno());
    }
    return new LanWatcher(master, news, bell);
  }

  /** Only what has changed goes to the thread: at a pod's start that is one address of a thousand. */
  watch(addresses: ReadonlyMap<string, Watched>): void {
    const changes: WatchChange[] = [];
    for (const ip of this.#watched.keys()) {
      if (!addresses.has(ip)) {
        changes.push([ip, undefined]);
      }
    }
    for (const [ip, what] of addresses) {
      if (this.#watched.get(ip) !== what) {
        changes.push([ip, what]);
      }
    }
    for (const [ip, what] of changes) {
      what === undefined ? this.#watched.delete(ip) : this.#watched.set(ip, what);
    }
    if (changes.length > 0) {
      this.#send({ is: 'watch', changes });
    }
  }

  /** Asks for the figures of now: they come by `heard`. */
  look(): void {
    this.#send({ is: 'look' });
  }

  /** Kept once the thread and its sockets are gone. */
  close(): Promise<void> {
    if (this.#restart === undefined) {
      this.#send({ is: 'close' });
    } else {
      this.#end();
    }
    return this.#closed.promise;
  }

  #start(): void {
    this.#restart = undefined;
    const thread = new Worker(threadPlace(import.meta.url), { smol: true });
    this.#thread = thread;
    Atomics.store(new Int32Array(this.#sent), 0, 0);
    thread.addEventListener('message', ({ data }: MessageEvent<FromThread>) => this.#take(data));
    thread.addEventListener('error', ({ message }) => this.#fail(thread, message));
    this.#send({ is: 'open', master: this.#master, bell: this.#bell, sent: this.#sent });
    this.#send({ is: 'watch', changes: [...this.#watched] });
  }

  #send(message: ToThread): void {
    Atomics.add(new Int32Array(this.#sent), 0, 1);
    this.#thread?.postMessage(message);
    libc().write(this.#bell, Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0), 8);
  }

  #take(message: FromThread): void {
    switch (message.is) {
      case 'claim': {
        const { ip, mac, frames, interface: device } = message.claim;
        // A pod may have got it while the news was on its way, or it was given up.
        const what = this.#watched.get(ip);
        if (what !== undefined) {
          this.#news.claimed({ ip: Ip.parse(ip), mac: Mac.parse(mac), what, frames }, device);
        }
        break;
      }
      case 'figures':
        this.#news.heard(message.figures);
        break;
      case 'fault':
        this.#news.failed(message.reason);
        break;
      case 'closed':
        this.#end();
        break;
      default:
    }
  }

  #fail(thread: Worker, reason: string): void {
    thread.terminate();
    this.#news.failed(reason);
    this.#restart ??= setTimeout(() => this.#start(), restartAfter);
  }

  #end(): void {
    clearTimeout(this.#restart);
    this.#thread?.terminate();
    libc().close(this.#bell);
    this.#closed.resolve();
  }
}

/** A compiled executable carries its files in a folder of its own, and TypeScript's as JavaScript (scripts/build.mjs). */
function threadPlace(here: string): string {
  return here.startsWith('file:///$bunfs/')
    ? 'file:///$bunfs/root/agent/watch/watch-thread.bun.js'
    : new URL('./watch-thread.bun.ts', here).href;
}
