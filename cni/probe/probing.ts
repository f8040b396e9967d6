import type { Ip } from '../../core/address/ip.ts';
import type { Mac } from '../../core/address/mac.ts';
import { type Claim, claimIn } from './claim.ts';

/**
 * Milliseconds of a probe round. RFC 5227 takes 4 to 7 s (three probes 1 to 2 s apart, two more to listen), and a pod
 * can't wait for that. Hosts that are awake answer within one.
 */
export const schedule = {
  /** When each probe is sent. */
  sendAt: [0, 30, 60],
  /** When listening ends. */
  end: 100,
  /** How long after the first claim others are still waited for, such as that of the same host's other family. */
  settle: 5,
} as const;

/** An interface's whole frames; `PacketSocket` is the real one. */
export interface FrameSocket {
  /** A frame that can't be sent is lost, as any may be on a network. */
  send(frame: Uint8Array): void;
  /** The next frame that has come; undefined when there is none. */
  receive(): Uint8Array | undefined;
}

/** An interface, and what is asked by it. */
export interface Line {
  readonly socket: FrameSocket;
  readonly frames: readonly Uint8Array[];
}

/** What time is, for a test to be quick. */
export interface Clock {
  /** Milliseconds of any clock that only goes forward. */
  now(): number;
  /** Returns when a line has a frame, or the milliseconds are over. */
  wait(milliseconds: number): void;
}

/**
 * Asks on all lines at once and listens; ends early when somebody claims an address.
 *
 * @param own MACs of the lines
 * @returns the first claim of each address that is claimed
 */
export function probe(
  lines: readonly Line[],
  ips: readonly Ip[],
  own: readonly Mac[],
  clock: Clock,
): Claim[] {
  const claims = new Map<string, Claim>();
  const start = clock.now();
  const left: number[] = [...schedule.sendAt];
  let end = start + schedule.end;
  for (let now = start; now < end && claims.size < ips.length; now = clock.now()) {
    const due = left[0];
    if (due !== undefined && claims.size === 0 && now >= start + due) {
      left.shift();
      send(lines);
    }
    clock.wait(Math.min(end, start + (left[0] ?? schedule.end)) - clock.now());
    const before = claims.size;
    for (const claim of receive(lines, ips, own)) {
      const ip = claim.ip.toString();
      claims.set(ip, claims.get(ip) ?? claim);
    }
    if (before === 0 && claims.size > 0) {
      end = Math.min(end, clock.now() + schedule.settle);
    }
  }
  return [...claims.values()];
}

function send(lines: readonly Line[]): void {
  for (const { socket, frames } of lines) {
    for (const frame of frames) {
      socket.send(frame);
    }
  }
}

function receive(lines: readonly Line[], ips: readonly Ip[], own: readonly Mac[]): Claim[] {
  const claims: Claim[] = [];
  for (const { socket } of lines) {
    for (let frame = socket.receive(); frame !== undefined; frame = socket.receive()) {
      const claim = claimIn(frame, ips, own);
      if (claim !== undefined) {
        claims.push(claim);
      }
    }
  }
  return claims;
}
