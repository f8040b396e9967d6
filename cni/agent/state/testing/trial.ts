import { Ip } from '../../../../core/address/ip.ts';
import { Mac } from '../../../../core/address/mac.ts';
import type { Allocation, AllocationRequest, AttachmentKey } from '../../../../schema/allocation.ts';
import type { LiveAttachment, SyncAnswer } from '../../../../schema/node-sync.ts';
import type { ProblemAnswer } from '../../../../schema/problem.ts';
import type { Constraints, ReserveAnswer, ReserveSubnet } from '../../../../schema/reserve.ts';
import { AgentState, type AgentStateOptions, type Taken } from '../agent-state.ts';
import type { Outgoing } from '../outgoing.ts';
import { addressesOf, type Write } from '../record.ts';

export const day = 24 * 3_600_000;
export const minute = 60_000;
export const start = Date.parse('2026-01-01T00:00:00Z');

/** A subnet 10.9.<n>.0/24, or fd00:<n>::/64. */
export function subnet(name: string, more: Partial<ReserveSubnet> = {}): ReserveSubnet {
  return { subnet: name, family: 'ipv4', routes: [], dns: {}, own: 0, most: 100, ...more };
}

/** Constraints that concern nobody. */
export const nobody: Constraints = {
  version: 'v1',
  pods: [],
  owners: [],
  namespaces: [],
  labels: false,
  podLabels: [],
  namespaceLabels: [],
};

export function attachment(n: number): AttachmentKey {
  return { network: 'real', containerId: `c${n}`, ifname: 'eth0' };
}

/** An agent's state with what it wrote, a clock, and a server that answers as it is told. */
export class Trial {
  now = start;
  /** One change an entry, as the file has them. */
  changes: (readonly Write[])[] = [];
  state: AgentState;
  #subnets: ReserveSubnet[] = [subnet('lan')];
  #warm = new Map<string, string>();
  #generation = 0;

  constructor(options: Partial<AgentStateOptions> = {}) {
    this.state = this.#made(options);
  }

  /** The agent that comes after this one, from what this one wrote. */
  restart(options: Partial<AgentStateOptions> = {}): void {
    this.state = this.#made({ records: this.changes.flat(), ...options });
  }

  /** The server grants these, as `subnet address`, until a day from now. */
  grant(addresses: Record<string, string>, more: Partial<ReserveAnswer> = {}): void {
    this.#warm = new Map([...this.#warm, ...Object.entries(addresses)]);
    const request = this.state.reserveRequest(this.now, 0);
    const gone = new Set(more.recall ?? []);
    const answer: ReserveAnswer = {
      addresses: [...this.#warm]
        .filter(([address]) => !gone.has(address))
        .map(([address, name]) => ({
          address: `${address}/${address.includes(':') ? 64 : 24}`,
          subnet: name,
          range: `${name}-shared`,
          gateway: address.includes(':') ? 'fd00::1' : '10.9.0.1',
          mac: Mac.derived('0a:58', Ip.parse(address)).toString(),
          state: 'probing',
          until: new Date(this.now + day).toISOString(),
        })),
      recall: [],
      subnets: this.#subnets,
      nodes: 2,
      constraints: nobody,
      epoch: 1,
      time: new Date(this.now).toISOString(),
      ...more,
    };
    this.#subnets = [...answer.subnets];
    this.state.granted(answer, this.now, request);
  }

  /** Grants these and finds them free. */
  stock(addresses: Record<string, string>, more: Partial<ReserveAnswer> = {}): void {
    this.grant(addresses, more);
    this.probe();
  }

  /** All that is to be probed is free. */
  probe(): string[] {
    const probed = this.state.toProbe(this.now).map(({ ip }) => ip);
    for (const ip of probed) {
      this.state.probed(ip, undefined, this.now);
    }
    return probed.map(String);
  }

  request(n: number, more: Partial<AllocationRequest> = {}): AllocationRequest {
    return { node: 'n1', ...attachment(n), pod: { namespace: 'shop', name: `web-${n}` }, ...more };
  }

  take(n: number, more: Partial<AllocationRequest> = {}): Taken {
    return this.state.take(this.request(n, more), this.now);
  }

  /** The addresses given, or what else came of it. */
  given(n: number, more: Partial<AllocationRequest> = {}): string[] | string {
    const taken = this.take(n, more);
    return taken.is === 'given' ? addressesOf(taken) : taken.is;
  }

  end(n: number): boolean {
    return this.state.end(attachment(n), this.now);
  }

  /** What waits for the server, in words. */
  outbox(): string[] {
    return this.state.outbox(this.now).map(wordsOf);
  }

  /** Tells the server all that waits, which takes it as it is; what it was told, in words. */
  tell(): string[] {
    const said: string[] = [];
    for (let out = this.state.outbox(this.now); out.length > 0; out = this.state.outbox(this.now)) {
      for (const each of out) {
        said.push(wordsOf(each));
        this.state.told(each, this.answerTo(each), this.now);
      }
    }
    return said;
  }

  /** The answer of a server that takes everything. */
  answerTo(out: Outgoing): Allocation | (AttachmentKey & { addresses: string[] }) {
    if (out.is === 'release') {
      const { generation: _, ...key } = out.release;
      return { ...key, addresses: [] };
    }
    const { addresses = [], mac = '0a:58:00:00:00:01' } = out.allocate;
    const ips = addresses.map((address) => ({ address: `${address}/24`, subnet: 'lan' }));
    return { id: 'id', generation: ++this.#generation, mac, ips, routes: [], dns: {} };
  }

  /** What PUT reserve would say is held. */
  held(): string[] {
    return this.state.reserveRequest(this.now, 0).hold.map(({ address, state }) => `${address} ${state}`);
  }

  /** A whole look that shows these; the ends that follow. */
  look(attachments: readonly LiveAttachment[], isWhole = true): string[] {
    const look = this.state.look(this.now);
    const sight = { attachments, isWhole, unseen: [] };
    return this.state.sighted(sight, look, this.now).map(({ containerId }) => containerId);
  }

  sync(answer: Partial<SyncAnswer>): void {
    const time = new Date(this.now).toISOString();
    const nothing = { release: [], revoked: [], adopted: [], conflicts: [], suspects: [] };
    this.state.synced({ ...nothing, epoch: 1, time, ...answer }, this.now);
  }

  #made(options: Partial<AgentStateOptions>): AgentState {
    return new AgentState({
      node: 'n1',
      bootId: 'boot-1',
      now: this.now,
      onChange: (writes) => this.changes.push(writes),
      ...options,
    });
  }
}

/** A problem as the server answers it. */
export function problem(code: string, status = 409): ProblemAnswer {
  return { type: `urn:realip:problem:${code}`, title: code, status, detail: `${code} it is`, code };
}

export function wordsOf(out: Outgoing): string {
  return out.is === 'allocate'
    ? `allocate ${out.allocate.containerId} ${out.allocate.addresses?.join(' ')}`
    : `release ${out.release.containerId} ${out.release.generation ?? ''}`.trim();
}
