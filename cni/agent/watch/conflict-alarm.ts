import type { ListedAllocation } from '../../../schema/allocation.ts';
import type { KubeEvents, Watched } from '../doors.ts';
import type { AgentState } from '../state/agent-state.ts';
import { bare } from '../state/record.ts';
import type { Told } from './claims.ts';

export interface ConflictAlarmParts {
  readonly state: Pick<AgentState, 'claimed' | 'listed'>;
  readonly events: KubeEvents;
  readonly log: { warn(message: string, facts: object): void };
  readonly count: (what: Watched) => void;
  /** The server is to be told: of the reserve, or of a pod's address. */
  readonly wanted: (what: Watched) => void;
  readonly now: () => number;
}

/** What follows when another host claims an address of this node. */
export class ConflictAlarm {
  readonly #parts: ConflictAlarmParts;

  constructor(parts: ConflictAlarmParts) {
    this.#parts = parts;
  }

  /** @param device where it was heard */
  ring({ ip, mac, what, frames }: Told, device: string): void {
    const { state, events, log, count, wanted, now } = this.#parts;
    // Before anything else: from now on it isn't given to a pod.
    const is = state.claimed(ip, mac, now()) ?? what;
    count(is);
    const pod = is === 'reserve' ? undefined : podOf(state.listed(), ip.toString());
    log.warn('another host uses an address of this node', {
      address: ip.toString(),
      mac: mac.toString(),
      what: is,
      interface: device,
      frames,
      ...(pod === undefined ? {} : { pod: `${pod.namespace}/${pod.name}` }),
    });
    if (pod !== undefined) {
      const advice = 'The pod keeps it; find that host in the switches’ tables.';
      events.warn(
        pod,
        'AddressConflict',
        `The host with MAC ${mac} uses this pod's address ${ip}, too. ${advice}`,
      );
    }
    wanted(is);
  }
}

function podOf(listed: readonly ListedAllocation[], ip: string): ListedAllocation['pod'] {
  return listed.find(({ ips }) => ips.some(({ address }) => bare(address) === ip))?.pod;
}
