import type { Ip } from '../../../core/address/ip.ts';
import type { Mac } from '../../../core/address/mac.ts';
import { readU16BigEndian, readU32 } from '../../../netlink/message/octets.ts';
import type { Said } from '../../probe/claim.ts';
import { etherTypes } from '../../probe/ethernet.ts';
import type { Sighted, Watched } from '../doors.ts';

/** A claim is told at once; while it goes on, once in so many milliseconds, with how often it was heard. */
export const tellEvery = 60_000;

/** A claim that is told. */
export interface Told extends Sighted {
  /** Frames that made it since the last telling, this one included. */
  readonly frames: number;
}

/**
 * What a frame on the network is to this node: `foreign`, another host that has an address of ours, or is about to take
 * one; `twin`, a frame with the MAC that belongs to the address, so that it is either a pod that was never released, or
 * our own pod's frame that a switch sent back; `question`, a probe for the address of a pod: by a host that will find out
 * that it is taken, from the pod itself or, where that is behind its node, from the node.
 */
export type Verdict = 'foreign' | 'twin' | 'question';

/** The addresses that are watched, and what was told of them. */
export class Claims {
  readonly #watched = new Map<string, Watched>();
  /** The last 32 bits of each, with how many have them: what a frame is looked at for first. */
  readonly #endings = new Map<number, number>();
  readonly #told = new Map<string, { at: number; unsaid: number }>();

  /** @param what undefined: no longer */
  watch(ip: Ip, what: Watched | undefined): void {
    const name = ip.toString();
    const change = Number(what !== undefined) - Number(this.#watched.has(name));
    if (change !== 0) {
      const ending = Number(ip.value & 0xffffffffn);
      const count = (this.#endings.get(ending) ?? 0) + change;
      count === 0 ? this.#endings.delete(ending) : this.#endings.set(ending, count);
    }
    if (what === undefined) {
      this.#watched.delete(name);
      this.#told.delete(name);
    } else {
      this.#watched.set(name, what);
    }
  }

  what(ip: Ip): Watched | undefined {
    return this.#watched.get(ip.toString());
  }

  /** Reports whether a frame may speak of a watched address: most don't, and reading one whole costs more. */
  mayConcern(frame: Uint8Array): boolean {
    return readU16BigEndian(frame, 12) === etherTypes.arp
      ? this.#endings.has(wordAt(frame, 28)) || this.#endings.has(wordAt(frame, 38))
      : this.#endings.has(wordAt(frame, 74));
  }

  /**
   * @param own MACs of this node itself: its master's and its shim's, by which it probes and answers
   * @returns undefined for what is nobody's business
   */
  judge({ ip, mac, how }: Said, own: readonly Mac[]): Verdict | undefined {
    const what = this.what(ip);
    if (what === undefined || !mac.isUnicast || own.some((each) => each.equals(mac))) {
      return undefined;
    }
    if (how === 'probes' && what !== 'reserve') {
      return 'question';
    }
    return what === 'in-use' && belongsTo(mac, ip) ? 'twin' : 'foreign';
  }

  /** @returns undefined when the address's claim was told not long ago, or it is watched no more */
  tell({ ip, mac }: Pick<Said, 'ip' | 'mac'>, now: number): Told | undefined {
    const what = this.what(ip);
    if (what === undefined) {
      return undefined;
    }
    const last = this.#told.get(ip.toString());
    const frames = (last?.unsaid ?? 0) + 1;
    if (last !== undefined && now - last.at < tellEvery) {
      last.unsaid = frames;
      return undefined;
    }
    this.#told.set(ip.toString(), { at: now, unsaid: 0 });
    return { ip, mac, what, frames };
  }
}

/** Reports whether a MAC is made of an address, as a zone derives it: any two octets, then the address's last four. */
function belongsTo(mac: Mac, ip: Ip): boolean {
  const octets = mac.toBytes();
  return (
    mac.isLocallyAdministered &&
    ip
      .toBytes()
      .subarray(-4)
      .every((octet, at) => octets[at + 2] === octet)
  );
}

function wordAt(frame: Uint8Array, at: number): number {
  const word = readU32(frame, at);
  return (((word & 0xff) << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}
