import type { Ip } from '../../../core/address/ip.ts';
import type { Mac } from '../../../core/address/mac.ts';
import type { Prefix } from '../../../core/address/prefix.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { AllocationRequest } from '../../../schema/allocation.ts';
import { isSameAttachment } from '../../journal/record.ts';
import type { NetnsPlace } from '../../node/node.ts';
import { knownGeneration } from '../generation.ts';
import { type Listed, readAllocation, readList, readUsage } from './answers.ts';
import type { Allocation, Attachment, Ipam, Wish } from './ipam.ts';
import type { Servers } from './servers.ts';

/** Entries a page; a node has a few hundred pods at most. */
const pageSize = 1000;

/** Addresses by the server's API: from the node's agent, or from the server itself where there is none. */
export class ServerIpam implements Ipam {
  readonly needsInterface = 'no';
  readonly #servers: Servers;
  readonly #node: string;

  /** @param node this node's name at the server */
  constructor(servers: Servers, node: string) {
    this.#servers = servers;
    this.#node = node;
  }

  async allocate(
    attachment: Attachment,
    wish: Wish,
    netns?: NetnsPlace,
  ): Promise<{ allocation: Allocation; created: boolean }> {
    const request = this.#request(attachment, wish);
    const answer = await this.#servers.call({
      method: 'POST',
      path: '/v1/allocations',
      body: JSON.stringify(request),
      // The agent announces the addresses a second time from within the pod.
      forAgent: { body: JSON.stringify({ ...request, netns }), isPatient: true },
    });
    return { allocation: readAllocation(answer.body), created: answer.status === 201 };
  }

  async release({ network, containerId, ifname }: Attachment, generation?: number): Promise<void> {
    const key = [network, containerId, ifname].map(encodeURIComponent).join('/');
    const known = knownGeneration(generation);
    const fence = known === undefined ? '' : `?generation=${known}`;
    const path = `/v1/allocations/${key}${fence}`;
    const { status } = await this.#servers.call({ method: 'DELETE', path });
    // What stands between may answer 200 to anything; only the server's own answer frees an address.
    if (status !== 204) {
      throw new Problem('IPAM_ANSWER_UNREADABLE', `HTTP ${status} is no answer to a release`);
    }
  }

  async reportConflict(attachment: Attachment, ip: Ip, mac: Mac): Promise<boolean> {
    const { network, containerId, ifname } = attachment;
    const path = `/v1/addresses/${encodeURIComponent(ip.toString())}:conflict`;
    const body = JSON.stringify({ node: this.#node, mac, network, containerId, ifname });
    await this.#servers.call({ method: 'POST', path, body });
    return true;
  }

  async find(attachment: Attachment, known?: Ip): Promise<Listed | undefined> {
    const found = await this.#search(
      known === undefined ? '' : `&ip=${encodeURIComponent(known.toString())}`,
    );
    return found.find((each) => isSameAttachment(each, attachment));
  }

  async check(attachment: Attachment, ips: readonly Prefix[]): Promise<void> {
    const record = await this.find(attachment, ips[0]?.address);
    const recorded = record?.ips.map(({ address }) => address.toString()) ?? [];
    const lost = ips.map(String).filter((ip) => !recorded.includes(ip));
    if (lost.length > 0) {
      const words = `the IPAM server has not recorded ${lost.join(', ')} for this container`;
      throw new Problem('CHECK_FAILED', words);
    }
  }

  /** What the ledger holds is released one by one. */
  async collect(): Promise<void> {}

  async list(): Promise<Listed[]> {
    return this.#search('');
  }

  async ready({ subnet, families }: Pick<Wish, 'subnet' | 'families'>): Promise<void> {
    await this.#servers.call({ method: 'GET', path: '/readyz' });
    const filter = subnet === undefined ? '' : `?subnet=${encodeURIComponent(subnet)}`;
    const path = `/v1/nodes/${encodeURIComponent(this.#node)}/usage${filter}`;
    const usage = readUsage((await this.#servers.call({ method: 'GET', path })).body);
    const within = subnet === undefined ? '' : ` in subnet ${subnet}`;
    if (usage.length === 0) {
      throw new Problem('IPAM_NONE_FREE', `node ${this.#node} has no enabled range${within}`);
    }
    for (const family of families ?? usage.map((each) => each.family)) {
      const found = usage.find((each) => each.family === family);
      if (found === undefined || found.exhausted) {
        const none = `node ${this.#node} has no enabled ${family} range${within}`;
        throw new Problem('IPAM_NONE_FREE', found?.why ?? none);
      }
    }
  }

  #request(attachment: Attachment, wish: Wish): AllocationRequest {
    const { pod, mac, addresses, subnet, families } = wish;
    return {
      node: this.#node,
      network: attachment.network,
      containerId: attachment.containerId,
      ifname: attachment.ifname,
      ...(pod && { pod }),
      ...(mac && { mac: mac.toString() }),
      ...(addresses && addresses.length > 0 && { addresses: addresses.map(String) }),
      ...(subnet !== undefined && { subnet }),
      ...(families && families.length > 0 && { families: [...families] }),
    };
  }

  async #search(filter: string): Promise<Listed[]> {
    const found: Listed[] = [];
    let cursor: string | undefined;
    do {
      const from = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const path = `/v1/allocations?node=${encodeURIComponent(this.#node)}&limit=${pageSize}${filter}${from}`;
      const page = readList((await this.#servers.call({ method: 'GET', path })).body);
      found.push(...page.items);
      cursor = page.cursor;
    } while (cursor !== undefined);
    return found;
  }
}
