import type { WatchFigures } from './messages.ts';

/** From here on the log says so; the alerts of manifests/monitoring begin at the same. */
export const thresholds = {
  /** ARP and neighbour discovery to all or to groups, a second: each of them goes to each pod of the node. */
  perSecond: 1_000,
  /** MACs heard: the tables of small switches end at 8,192. */
  sources: 8_000,
} as const;

/** Milliseconds between two looks: over less, one burst would look like a storm. */
const shortest = 5_000;

/** A line for the log. */
export interface StormNews {
  readonly interface: string;
  readonly what: 'broadcasts a second' | 'MACs heard' | 'frames lost';
  readonly value: number;
  /** Absent for what is lost: none should be. */
  readonly threshold?: number;
  readonly isOver: boolean;
}

interface Look {
  readonly at: number;
  readonly broadcasts: number;
  readonly dropped: number;
  readonly over: ReadonlySet<StormNews['what']>;
}

/** Says once when a network becomes louder than is good for it, and once when it is well again. */
export class Storms {
  #looks = new Map<string, Look>();

  /** @param now milliseconds of a clock that only goes forward */
  take({ interfaces }: WatchFigures, now: number): StormNews[] {
    const news: StormNews[] = [];
    const looks = new Map<string, Look>();
    for (const heard of interfaces) {
      const { name, arp, ndp, dropped, sources } = heard;
      const broadcasts = arp + ndp;
      const last = this.#looks.get(name);
      // Made again, an interface counts from zero.
      const since = last !== undefined && last.broadcasts <= broadcasts ? last : undefined;
      const over = new Set(since?.over);
      if (since !== undefined && now - since.at < shortest) {
        looks.set(name, since);
        continue;
      }
      const judge = (what: StormNews['what'], value: number, threshold: number, isLow: boolean) => {
        const isOver = value > threshold;
        if (isOver !== over.has(what) && (isOver || isLow)) {
          isOver ? over.add(what) : over.delete(what);
          news.push({ interface: name, what, value, isOver, ...(threshold > 0 && { threshold }) });
        }
      };
      if (since !== undefined) {
        const seconds = (now - since.at) / 1_000;
        const perSecond = Math.round((broadcasts - since.broadcasts) / seconds);
        judge('broadcasts a second', perSecond, thresholds.perSecond, perSecond < thresholds.perSecond * 0.8);
        judge('frames lost', dropped - since.dropped, 0, true);
      }
      judge('MACs heard', sources, thresholds.sources, sources < thresholds.sources * 0.8);
      looks.set(name, { at: now, broadcasts, dropped, over });
    }
    this.#looks = looks;
    return news;
  }
}
