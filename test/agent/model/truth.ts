import type { Sight } from '../../../cni/agent/doors.ts';
import type { AgentStatus } from '../../../cni/agent/state/agent-status.ts';
import { addressesOf, type StayRecord } from '../../../cni/agent/state/record.ts';
import type { Change } from '../../../ipam-server/ledger/events/event.ts';
import type { AllocationRequest } from '../../../schema/allocation.ts';
import { attachment } from '../../server/ledger-trial.ts';

/** The node's containers come before this number, the other node's from it on. */
export const others = 20;

/** A pod that got its addresses out of the reserve. */
interface Life {
  readonly container: number;
  readonly addresses: readonly string[];
  /** How many lines the agent's file had then. */
  readonly line: number;
}

/** Which pods live with which addresses, whatever agent and ledger believe; and what must be so. */
export class Truth {
  /** Of both nodes, by container. */
  readonly pods = new Map<number, readonly string[]>();
  lives: Life[] = [];
  /** What the server refused and an admin was told of, as `container address`. */
  readonly reported: string[] = [];

  /** What the node's kernel shows. */
  sight(): Sight {
    const attachments = this.#own.map(([container, addresses]) => ({
      ...attachment(container),
      addresses: [...addresses],
    }));
    return { attachments, isWhole: true, unseen: [] };
  }

  /** The node goes down. */
  endAll(): void {
    for (const [container] of this.#own) {
      this.pods.delete(container);
    }
  }

  /** No address is two pods'. */
  check(): void {
    const seen = new Map<string, number>();
    for (const [container, addresses] of this.pods) {
      for (const address of addresses) {
        ensure(!seen.has(address), `${address} is pod ${seen.get(address)}’s and pod ${container}’s`);
        seen.set(address, container);
      }
    }
  }

  /**
   * When all is told and looked at, both know who lives, unless that is told as a conflict.
   *
   * @param allocated the addresses of the node's allocations, by container
   */
  checkAgreement(allocated: ReadonlyMap<string, readonly string[]>, status: AgentStatus): void {
    const { untold, conflicts, attachments } = status;
    const contested = new Set(conflicts.map((each) => each.attachment.split('/')[1]));
    const living = this.#own;
    for (const [container, addresses] of living) {
      const known = allocated.get(`c${container}`) ?? [];
      const isTrue = same(known, addresses) || contested.has(`c${container}`);
      ensure(isTrue, `c${container} has ${addresses.join(' ')}, and the ledger says ${known.join(' ')}`);
    }
    const gone = [...allocated.keys()].filter((name) => !living.some(([each]) => name === `c${each}`));
    ensure(gone.length === 0, `the ledger still has ${gone.join(' ')}`);
    ensure(untold <= contested.size, `${untold} beginnings and ends were never told`);
    ensure(attachments === living.length, `the agent knows of ${attachments} pods, ${living.length} live`);
  }

  /**
   * Who began out of the reserve is in the ledger's history, also when its end came before it could be told; or the
   * server refused it, as one whose range was disabled meanwhile, and that was told.
   */
  checkHistory(changes: readonly Change[]): void {
    const recorded = changes.flatMap(({ containerId, addresses }) =>
      addresses.map((address) => `${containerId} ${address}`),
    );
    const told = new Set([...this.reported, ...recorded]);
    for (const { container, addresses } of this.lives) {
      for (const address of addresses) {
        ensure(told.has(`c${container} ${address}`), `nobody was told that c${container} had ${address}`);
      }
    }
  }

  get #own(): [number, readonly string[]][] {
    return [...this.pods].filter(([container]) => container < others);
  }
}

/** What a container’s ADD asks for. */
export function requestOf(
  container: number,
  families: readonly ('ipv4' | 'ipv6')[] | null,
): AllocationRequest {
  const pod = { namespace: 'shop', name: `web-${container}` };
  const wanted = families === null ? {} : { families: [...families] };
  return { node: container < others ? 'n1' : 'n2', ...attachment(container), pod, ...wanted };
}

export function namesOf(stay: StayRecord): string[] {
  return addressesOf(stay).map((address) => `${stay.containerId} ${address}`);
}

export function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each) => other.includes(each));
}

export function ensure(holds: boolean, otherwise: string): void {
  if (!holds) {
    throw new Error(otherwise);
  }
}
