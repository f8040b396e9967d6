import { keptFresh, recheckAfter } from './freshness.ts';
import type { Layout } from './layout.ts';
import { announcements, framesOfProbe, framesOfRecheck } from './questions.ts';
import { rfc5227 } from './rfc5227.ts';
import { spreadOf } from './spread.ts';

/**
 * Frames a second that the nodes send of their own accord and every port of the LAN gets: ARP broadcasts, and
 * neighbour discovery's multicasts where switches don't follow who listens. What pods ask for themselves isn't in it.
 */
export interface FrameLoad {
  /** Probes of addresses that take the place of those that pods got. */
  readonly probes: number;
  readonly announcements: number;
  readonly rechecks: number;
  /** All of these. */
  readonly steady: number;
  /** When all nodes begin at one moment, as after a power cut. */
  readonly coldStart: { readonly frames: number; readonly seconds: number; readonly perSecond: number };
}

export function frameLoadOf(layout: Layout): FrameLoad {
  const { nodes, subnets, reserve, startsPerHour, addressesPerPod, dataplane } = layout;
  const hasShim = dataplane === 'macvlan' && layout.shim;
  const perSecond = (nodes * startsPerHour * addressesPerPod) / 3600;
  const probes = perSecond * framesOfProbe(hasShim);
  const announced = perSecond * announcements;
  const held = Math.min(reserve * subnets, Math.max(few * subnets, keptFresh(nodes)));
  const rechecks = (nodes * held * framesOfRecheck(hasShim) * 1000) / recheckAfter;
  const framesPerNode = reserve * subnets * framesOfProbe(hasShim);
  const { probeWait, probes: count, probeMax } = rfc5227;
  const seconds = (spreadOf(nodes, framesPerNode) + probeWait + (count - 1) * probeMax) / 1000;
  const frames = nodes * framesPerNode;
  return {
    probes,
    announcements: announced,
    rechecks,
    steady: probes + announced + rechecks,
    coldStart: { frames, seconds, perSecond: frames / seconds },
  };
}

/** So many a subnet are asked for again in any case: those that are given next. */
const few = 4;
