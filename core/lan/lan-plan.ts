import { type FrameLoad, frameLoadOf } from './frame-load.ts';
import type { Layout, Limits } from './layout.ts';
import { type MacLoad, macLoadOf } from './mac-load.ts';

/** One figure against what is borne. */
export interface Judgement {
  readonly id: 'access' | 'core' | 'port' | 'card' | 'neighbours' | 'broadcasts' | 'cold-start';
  readonly what: string;
  readonly value: number;
  readonly limit?: number;
  /** `warning`: over four fifths of the limit, or over one that costs speed only; `unknown`: no limit is given. */
  readonly level: 'ok' | 'warning' | 'error' | 'unknown';
  /** What to do; '' where nothing is to be done. */
  readonly cure: string;
}

/** What a layout asks of a LAN. */
export interface LanPlan {
  readonly layout: Layout;
  readonly macs: MacLoad;
  readonly frames: FrameLoad;
  readonly judgements: readonly Judgement[];
  /** Whether pods should be behind their nodes (`ptp`), and why, or why not. */
  readonly advice: { readonly dataplane: Layout['dataplane']; readonly why: string };
}

/** From this part of a limit on it is near. */
const near = 0.8;

/** What a layout asks of switches, and whether they bear it. Pure: for any program that plans. */
export function lanPlan(layout: Layout, limits: Limits): LanPlan {
  const judgements = judge(layout, limits);
  return {
    layout,
    macs: macLoadOf(layout),
    frames: frameLoadOf(layout),
    judgements,
    advice: advise(layout, limits, judgements),
  };
}

/** Figures that ptp makes smaller, or takes away. */
const ofMacs: readonly Judgement['id'][] = ['access', 'core', 'port', 'card'];

function judge(layout: Layout, limits: Limits): Judgement[] {
  const macs = macLoadOf(layout);
  const { steady, coldStart } = frameLoadOf(layout);
  const isMacvlan = layout.dataplane === 'macvlan';
  const fewer = isMacvlan
    ? '"dataplane": "ptp" shows one MAC a node and VLAN; fewer pods a node, or VLANs that end at the access switch, help too'
    : 'let VLANs end at the access switch, or spread the nodes over several';
  return [
    judged('access', 'MACs in an access switch', macs.access, limits.accessMacs, fewer),
    judged('core', 'MACs in the core', macs.core, limits.coreMacs, fewer),
    judged('port', 'MACs at a node’s port', macs.port, limits.portMacs, fewer),
    eased(
      judged(
        'card',
        'MACs that a node’s card filters',
        macs.card,
        limits.cardMacs,
        'the card takes in every frame instead, which costs CPU on a busy LAN; ptp needs one',
      ),
    ),
    judged(
      'neighbours',
      'neighbours of the gateway',
      macs.neighbours,
      limits.neighbours,
      'raise the gateway’s table (Linux: net.ipv4.neigh.default.gc_thresh1 to 3, and ipv6’s); ptp changes nothing here',
    ),
    judged(
      'broadcasts',
      'frames a second to all ports',
      round(steady),
      limits.broadcasts,
      'a smaller --reserve, or more VLANs with fewer nodes each',
    ),
    eased(
      judged(
        'cold-start',
        'the same when all nodes begin at once',
        round(coldStart.perSecond),
        limits.broadcasts,
        `it lasts ${Math.round(coldStart.seconds)} s; raise storm control above it, or some probes are lost and pods wait longer`,
      ),
    ),
  ];
}

function judged(
  id: Judgement['id'],
  what: string,
  value: number,
  limit: number | undefined,
  cure: string,
): Judgement {
  if (limit === undefined) {
    return { id, what, value, level: 'unknown', cure: '' };
  }
  const level = value > limit ? 'error' : value > near * limit ? 'warning' : 'ok';
  return { id, what, value, limit, level, cure: level === 'ok' ? '' : cure };
}

/** What costs speed, and breaks nothing: no error, and being near it is nothing at all. */
function eased(judgement: Judgement): Judgement {
  const { level } = judgement;
  if (level === 'error') {
    return { ...judgement, level: 'warning' };
  }
  return level === 'warning' ? { ...judgement, level: 'ok', cure: '' } : judgement;
}

function advise(layout: Layout, limits: Limits, judgements: readonly Judgement[]): LanPlan['advice'] {
  const tight = judgements.filter(({ id, level }) => ofMacs.includes(id) && level === 'error');
  const behind = judge({ ...layout, dataplane: 'ptp' }, limits).filter(({ id }) => ofMacs.includes(id));
  const names = (all: readonly Judgement[]) => all.map(({ what }) => what).join(', ');
  if (layout.dataplane === 'ptp') {
    const before = judge({ ...layout, dataplane: 'macvlan' }, limits);
    const over = before.filter(({ id, level }) => ofMacs.includes(id) && level === 'error');
    return over.length > 0
      ? { dataplane: 'ptp', why: `with macvlan there would be too many: ${names(over)}` }
      : {
          dataplane: 'macvlan',
          why: 'macvlan fits, too; stay with ptp where pods need port mappings or services by the node',
        };
  }
  if (tight.length === 0) {
    return { dataplane: 'macvlan', why: 'the MAC tables hold it' };
  }
  const still = behind.filter(({ level }) => level === 'error');
  return still.length === 0
    ? { dataplane: 'ptp', why: `too many: ${names(tight)}; behind their nodes the pods show none` }
    : { dataplane: 'ptp', why: `too many even with ptp: ${names(still)}; divide the LAN` };
}

/** To a tenth. */
function round(value: number): number {
  return Math.round(value * 10) / 10;
}
