import { rfc5227 } from './rfc5227.ts';

/** A question is a probe, and an ordinary one from the node's address: kernels that answer for others ignore probes. */
export const framesOfQuestion = 2;

/** Of the node's own macvlan pods, who don't hear the master, the shim asks: in the first question and in the last. */
const framesByShim = 2;

/** Announcements of an address that a pod gets: the kernel's, and the agent's two seconds later (RFC 5227 §2.3). */
export const announcements = 2;

/** How many frames an address costs until it is ready. */
export function framesOfProbe(hasShim: boolean): number {
  return rfc5227.probes * framesOfQuestion + (hasShim ? framesByShim : 0);
}

/** How many frames it costs to ask for it once more. */
export function framesOfRecheck(hasShim: boolean): number {
  return framesOfQuestion + (hasShim ? 1 : 0);
}
