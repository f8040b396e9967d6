import type { Watched } from '../doors.ts';
import type { Heard } from './tally.ts';

/** What the agent tells the thread that listens. Addresses and MACs are texts: only plain data goes between threads. */
export type ToThread =
  | {
      readonly is: 'open';
      /** Undefined: the device of the default route, whichever that is at the time. */
      readonly master: string | undefined;
      /** Descriptor of an eventfd that each message is followed by: the thread waits in poll(2), not for messages. */
      readonly bell: number;
      /** How many messages were sent, in the first of its 32-bit integers. */
      readonly sent: SharedArrayBuffer;
    }
  | { readonly is: 'watch'; readonly changes: readonly WatchChange[] }
  /** Asks for the figures, and for a look at the interfaces. */
  | { readonly is: 'look' }
  | { readonly is: 'close' };

/** Undefined: watched no longer. */
export type WatchChange = readonly [ip: string, what: Watched | undefined];

/** What the thread tells the agent. */
export type FromThread =
  | { readonly is: 'claim'; readonly claim: ClaimNews }
  | { readonly is: 'figures'; readonly figures: WatchFigures }
  /** No interface can be listened on, or one has gone; it is tried again. */
  | { readonly is: 'fault'; readonly reason: string }
  | { readonly is: 'closed' };

export interface ClaimNews {
  readonly ip: string;
  readonly mac: string;
  readonly frames: number;
  /** Where it was heard. */
  readonly interface: string;
}

/** Sums since the thread's start. */
export interface WatchFigures {
  readonly interfaces: readonly (Heard & { readonly name: string })[];
  /** Probes for pods behind this node that were answered. */
  readonly answered: number;
  /** Addresses that the kernel answers for on those interfaces, because their pods are behind the node. */
  readonly proxied: readonly string[];
  /** Frames with a pod's own MAC that this network had sent back. */
  readonly echoes: number;
}
