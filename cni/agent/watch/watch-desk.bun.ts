import type { Registry } from 'prom-client';
import type { Claim } from '../../probe/claim.ts';
import type { KubeEvents, PodLink, Watched } from '../doors.ts';
import type { Pace } from '../probe/pace.ts';
import type { AgentState } from '../state/agent-state.ts';
import { bare } from '../state/record.ts';
import { ConflictAlarm } from './conflict-alarm.ts';
import type { WatchFigures } from './messages.ts';
import { SecondAnnouncements } from './second-announcements.bun.ts';
import { Storms } from './storms.ts';
import { measureWatch } from './watch-metrics.ts';
import { LanWatcher } from './watcher.bun.ts';

export interface WatchDeskParts {
  /** Absent: the device of the default route. */
  readonly master: string | undefined;
  readonly state: Pick<AgentState, 'watched' | 'claimed' | 'listed'>;
  readonly events: KubeEvents;
  readonly registry: Registry;
  readonly eventsLost: () => number;
  readonly count: (what: Watched) => void;
  readonly wanted: (what: Watched) => void;
  /** Of what the node sends of its own accord; the prober shares it. */
  readonly pace: Pace;
  readonly log: {
    info(message: string, facts: object): void;
    warn(message: string, facts: object): void;
  };
}

/** All that the agent does with the network's ARP and neighbour discovery. */
export class WatchDesk {
  readonly #parts: WatchDeskParts;
  readonly #watcher: LanWatcher;
  readonly #announcements: SecondAnnouncements;
  readonly #storms = new Storms();
  #figures: WatchFigures | undefined;
  #failure: string | undefined;
  #update: ReturnType<typeof setImmediate> | undefined;

  constructor(parts: WatchDeskParts) {
    const { master, state, events, registry, eventsLost, count, wanted, log, pace } = parts;
    const alarm = new ConflictAlarm({ state, events, log, count, wanted, now: Date.now });
    this.#parts = parts;
    this.#watcher = LanWatcher.open(master, {
      claimed: (told, device) => alarm.ring(told, device),
      heard: (figures) => this.#heard(figures),
      failed: (reason) => this.#failed(reason),
    });
    this.#announcements = new SecondAnnouncements({
      after: (milliseconds, act) => {
        const timer = setTimeout(act, milliseconds);
        return () => clearTimeout(timer);
      },
      mayGo: (frames) => pace.take(frames, true, performance.now()),
      failed: (reason, link) => log.warn('a pod was not announced a second time', { reason, ...link }),
    });
    measureWatch(registry, {
      figures: () => this.#figures,
      shown: () => this.#shown(),
      eventsLost,
    });
    this.update();
  }

  /**
   * To be called whenever the state has changed. The thread knows before anybody outside does: a pod that announces an
   * address which is thought to be in reserve would look like a stranger.
   */
  update(): void {
    this.#update ??= setImmediate(() => {
      this.#update = undefined;
      this.#watcher.watch(this.#parts.state.watched());
    });
  }

  /** A pod has got addresses, without prefix lengths. */
  given(link: PodLink, ips: readonly string[]): void {
    this.update();
    this.#announcements.expect(link, ips);
  }

  /** A probe has found that somebody has an address of the reserve. */
  found({ ip, mac }: Claim): void {
    const { count, log } = this.#parts;
    count('reserve');
    log.warn('another host has an address of the reserve', { address: `${ip}`, mac: `${mac}` });
  }

  close(): void {
    clearImmediate(this.#update);
    this.#announcements.close();
    // The process ends soon, and nobody need wait for the thread.
    void this.#watcher.close();
  }

  /** It is tried again each second, and told once. */
  #failed(reason: string): void {
    this.#figures = undefined;
    if (reason !== this.#failure) {
      this.#failure = reason;
      this.#parts.log.warn('claims on addresses can’t be heard at present', { reason });
    }
  }

  #heard(figures: WatchFigures): void {
    this.#figures = figures;
    if (figures.interfaces.length > 0) {
      this.#failure = undefined;
    }
    for (const { isOver, ...news } of this.#storms.take(figures, performance.now())) {
      isOver
        ? this.#parts.log.warn('the network is louder than is good for it', news)
        : this.#parts.log.info('the network is well again', news);
    }
  }

  /** The master's, and one of each pod that isn't behind it. */
  #shown(): number {
    const proxied = new Set(this.#figures?.proxied);
    const onLan = this.#parts.state
      .listed()
      .filter(({ ips }) => !ips.some(({ address }) => proxied.has(bare(address))));
    return 1 + new Set(onLan.map(({ mac }) => mac)).size;
  }
}
