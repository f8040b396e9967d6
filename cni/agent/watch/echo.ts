import type { Mac } from '../../../core/address/mac.ts';
import { arpRequest, decodeArp, encodeArp, unspecifiedIpv4 } from '../../probe/arp.ts';
import { broadcast, decodeFrame, encodeFrame, etherTypes } from '../../probe/ethernet.ts';

/** Milliseconds from a question to the verdict. */
export const echoWait = 1_000;

/**
 * Whether the network sends this node's own frames back, as virtual switches do that have two uplinks: then a frame with
 * a pod's MAC is not another holder's. It is tried by a frame that nobody answers and nobody learns anything from but
 * where this node is: an ARP probe for no address, with a mark in the field that a request leaves open.
 */
export class Echo {
  readonly #mac: Mac;
  readonly #mark: Mac;
  #heardAt: number | undefined;

  /** @param mark any MAC that no other frame has there */
  constructor(mac: Mac, mark: Mac) {
    this.#mac = mac;
    this.#mark = mark;
  }

  frame(): Uint8Array {
    const arp = { ...arpRequest(this.#mac, unspecifiedIpv4, unspecifiedIpv4), targetMac: this.#mark };
    const payload = encodeArp(arp);
    return encodeFrame({ destination: broadcast, source: this.#mac, type: etherTypes.arp, payload });
  }

  /** Takes a frame that came in. */
  take(octets: Uint8Array, now: number): void {
    const frame = decodeFrame(octets);
    if (frame?.type === etherTypes.arp && decodeArp(frame.payload)?.targetMac.equals(this.#mark)) {
      this.#heardAt = now;
    }
  }

  /** Reports whether one came back at this time or later. */
  isHeardSince(time: number): boolean {
    return this.#heardAt !== undefined && this.#heardAt >= time;
  }
}
