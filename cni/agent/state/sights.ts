import type { AttachmentKey } from '../../../schema/allocation.ts';
import type { LiveAttachment, SyncAnswer, SyncRequest } from '../../../schema/node-sync.ts';
import type { Sight } from '../doors.ts';
import type { Book } from './book.ts';
import { addressesOf, attachmentName, isRecorded, type StayRecord, type Write } from './record.ts';
import type { Stays } from './stays.ts';

/** Milliseconds that an attachment has to become visible: its ADD is still at work. */
const youth = 10_000;

/** Milliseconds between two looks that count as two. */
const apart = 5_000;

/** Milliseconds after which a look is surely over. */
const longestLook = 60_000;

/** When a look at the node began, and what the server had said by then. */
export interface Look {
  readonly at: number;
  readonly asOf?: string;
}

/** What the kernel shows of attachments, held against what is known. */
export class Sights {
  readonly #book: Book;
  readonly #stays: Stays;
  /** By attachment: the addresses that it shows. */
  #shown = new Map<string, readonly string[]>();
  /** Living ones that a look missed, and when that look began; the second one that counts is a whole one. */
  readonly #missed = new Map<number, number>();
  /** Those whose DEL came after the look that showed them: when, and what they showed. */
  readonly #endedSince = new Map<string, { readonly at: number; readonly addresses: string }>();
  /** A later look showed one of those, maybe from memory: a whole one says whether it began again. */
  #mayAnyBeBack = false;
  #isEnough: boolean;

  /** @param isNeeded nothing is given before the first look */
  constructor(book: Book, stays: Stays, isNeeded: boolean) {
    this.#book = book;
    this.#stays = stays;
    this.#isEnough = !isNeeded;
  }

  get isEnough(): boolean {
    return this.#isEnough;
  }

  /** The addresses that interfaces on this node have. */
  get shown(): ReadonlySet<string> {
    return new Set([...this.#shown.values()].flat());
  }

  /** How many attachments live: those that are known, and those that only their interface tells of. */
  get alive(): number {
    const unknown = [...this.#shown.keys()].filter(
      (name) => !this.#book.table.living.has(name) && !this.#endedSince.has(name),
    );
    return this.#book.table.living.size + unknown.length;
  }

  /** Reports whether a look has missed one that should live, or shown one that should not: the next one decides. */
  get isInDoubt(): boolean {
    return this.#missed.size > 0 || this.#mayAnyBeBack;
  }

  /** A DEL came. */
  ended(key: AttachmentKey, now: number): void {
    const name = attachmentName(key);
    this.#endedSince.set(name, { at: now, addresses: this.#addressesOf(name) });
  }

  begin(now: number): Look {
    const { heardAsOf } = this.#book.table.self;
    return { at: now, ...(heardAsOf === undefined ? {} : { asOf: heardAsOf }) };
  }

  /** @returns the attachments that were missing twice: they have ended */
  taken(sight: Sight, look: Look, now: number): AttachmentKey[] {
    const isWhole = sight.isWhole && sight.unseen.length === 0;
    const shown = new Map(sight.attachments.map((each) => [attachmentName(each), each.addresses]));
    this.#shown = new Map([...(isWhole ? [] : this.#shown), ...shown]);
    this.#forgetEnds(isWhole, look.at, shown);
    this.#isEnough = true;
    const writes: Write[] = [];
    const ended: StayRecord[] = [];
    for (const stay of this.#book.table.living.values()) {
      const addresses = shown.get(attachmentName(stay));
      if (addresses !== undefined) {
        this.#missed.delete(stay.serial);
        writes.push(...decided(stay, addresses));
      } else if (this.#isMissedAgain(stay, look.at) && isWhole) {
        ended.push(stay);
        writes.push(this.#stays.ended(stay, now));
      }
    }
    this.#book.commit(writes);
    for (const serial of this.#missed.keys()) {
      const stay = this.#book.table.stays.get(String(serial));
      if (stay === undefined || stay.endedAt !== undefined) {
        this.#missed.delete(serial);
      }
    }
    return ended;
  }

  /**
   * What goes on being shown after its DEL has begun again, without the agent: by a look that began later, if that was
   * into every namespace or shows another address. Otherwise it may be what an earlier look saw.
   */
  #forgetEnds(isWhole: boolean, lookAt: number, seen: ReadonlyMap<string, unknown>): void {
    this.#mayAnyBeBack = false;
    for (const [name, { at, addresses }] of this.#endedSince) {
      const isSeenAnew = at <= lookAt && (isWhole || this.#addressesOf(name) !== addresses);
      if (isSeenAnew || !this.#shown.has(name)) {
        this.#endedSince.delete(name);
      } else {
        this.#mayAnyBeBack ||= at <= lookAt && seen.has(name);
      }
    }
  }

  #addressesOf(name: string): string {
    return [...(this.#shown.get(name) ?? [])].sort().join();
  }

  /** All that lives: what the kernel shows, and what was given and isn't missed twice. */
  report(sight: Sight, look: Look): SyncRequest {
    const { self, living, stays } = this.#book.table;
    const attachments = new Map<string, LiveAttachment>();
    const ended = new Set(
      [...stays.values()].filter(({ endedAt = -1 }) => endedAt >= look.at).map(attachmentName),
    );
    for (const shown of sight.attachments) {
      const name = attachmentName(shown);
      if (living.has(name) || !ended.has(name)) {
        attachments.set(name, reported(living.get(name), shown));
      }
    }
    for (const [name, stay] of living) {
      if (!attachments.has(name)) {
        attachments.set(name, reported(stay, { ...keyOf(stay), addresses: [] }));
      }
    }
    for (const stay of stays.values()) {
      const shown = attachments.get(attachmentName(stay));
      if (stay.endedAt !== undefined && shown !== undefined) {
        // Its end is told before what began after it: a record made of this would end by that.
        attachments.set(attachmentName(stay), { ...keyOf(shown), addresses: [] });
      }
    }
    return {
      attachments: [...attachments.values()],
      ...(self.epoch === undefined ? {} : { epoch: self.epoch }),
      ...(look.asOf === undefined ? {} : { asOf: look.asOf }),
    };
  }

  synced(answer: SyncAnswer, now: number): void {
    const { epoch, time } = answer;
    this.#book.commit([
      this.#book.self({ epoch, syncedAt: now, heardAsOf: time, heardAt: now }),
      ...answer.adopted.flatMap((held) => this.#stays.adopted(held)),
      ...this.#gone(answer, now),
    ]);
    this.#book.commit(
      answer.conflicts.flatMap(({ network, containerId, ifname, code, why }): Write[] => {
        const stay =
          network !== undefined && containerId !== undefined && ifname !== undefined
            ? this.#stays.livingOf({ network, containerId, ifname })
            : undefined;
        if (stay === undefined || stay.refused?.code === code) {
          return [];
        }
        const refused = { code, detail: why, at: now };
        return [{ kind: 'stay', name: String(stay.serial), record: { ...stay, refused } }];
      }),
    );
  }

  /** What the server took back or away of this node ends here, too. */
  #gone({ release, revoked }: SyncAnswer, now: number): Write[] {
    return [...release, ...revoked].flatMap((held): Write[] => {
      const stay = this.#stays.livingOf(held);
      return stay?.allocation?.generation === held.generation ? [this.#stays.ended(stay, now)] : [];
    });
  }

  #isMissedAgain(stay: StayRecord, at: number): boolean {
    const age = at - stay.at;
    // One that begins long after now began before the clock was set back; how old it is nobody knows.
    const isAged = age >= youth || age < -longestLook;
    if (!isAged) {
      return false;
    }
    const before = this.#missed.get(stay.serial);
    this.#missed.set(stay.serial, Math.min(before ?? at, at));
    return before !== undefined && at - before >= (age < 0 ? youth : apart);
  }
}

/** Which of two answers the pod has, as far as its interface shows. */
function decided(stay: StayRecord, shown: readonly string[]): Write[] {
  const { otherwise, ...rest } = stay;
  const name = String(stay.serial);
  if (otherwise === undefined || shown.length === 0) {
    return [];
  }
  if (addressesOf(stay).some((address) => shown.includes(address))) {
    return [{ kind: 'stay', name, record: { ...rest, displaces: otherwise.generation } }];
  }
  const isOther = addressesOf({ allocation: otherwise }).some((address) => shown.includes(address));
  return isOther ? [{ kind: 'stay', name, record: { ...rest, allocation: otherwise, isProbed: false } }] : [];
}

function keyOf({ network, containerId, ifname }: AttachmentKey): AttachmentKey {
  return { network, containerId, ifname };
}

function reported(stay: StayRecord | undefined, shown: LiveAttachment): LiveAttachment {
  const { generation, pod = stay?.pod, mac = stay?.allocation?.mac } = shown;
  const known = stay !== undefined && isRecorded(stay) ? stay.allocation?.generation : generation;
  return {
    ...keyOf(shown),
    addresses: shown.addresses.length > 0 || stay === undefined ? shown.addresses : addressesOf(stay),
    ...(mac === undefined ? {} : { mac }),
    ...(pod === undefined ? {} : { pod }),
    // 0 is what the server doesn't know yet.
    ...(known ? { generation: known } : {}),
  };
}
