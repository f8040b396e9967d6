import { Type } from 'typebox';
import { Allocation, type AllocationRequest, type AttachmentKey } from '../../../schema/allocation.ts';
import { type Batch, BatchAnswer } from '../../../schema/batch.ts';
import { ClusterNode } from '../../../schema/node.ts';
import { NodeStatus, SyncAnswer, type SyncRequest } from '../../../schema/node-sync.ts';
import { ReserveAnswer, type ReserveRequest } from '../../../schema/reserve.ts';
import type { HttpAnswer } from '../../http/http.ts';
import { readerOf } from './lenient.ts';
import type { Upstream, UpstreamCall } from './upstream.ts';

const read = {
  allocation: readerOf(Allocation),
  batch: readerOf(BatchAnswer),
  node: readerOf(ClusterNode),
  // An older server doesn't say how many nodes there are.
  reserve: readerOf(Type.Object({ ...ReserveAnswer.properties, nodes: Type.Optional(Type.Integer()) })),
  sync: readerOf(SyncAnswer),
  // An older server names no version of the constraints.
  news: readerOf(
    Type.Object({
      epoch: NodeStatus.properties.epoch,
      constraints: Type.Optional(NodeStatus.properties.constraints),
    }),
  ),
};

/** What tells whether the ledger has anything new for a node. */
export interface News {
  readonly epoch: number;
  /** Version of the constraints; an older server names none. */
  readonly constraints?: string;
}

/** Milliseconds: a runtime waits for the first, nobody for the second. */
const limit = { asked: 3_000, own: 10_000 } as const;

/**
 * The calls that a node's agent makes. All throw Refusal (the server's no), Problem AGENT_SERVER_AWAY, and
 * IPAM_ANSWER_UNREADABLE.
 */
export class IpamServer {
  readonly #upstream: Pick<Upstream, 'call' | 'isUp'>;
  readonly #node: string;
  #count = 0;

  constructor(upstream: Pick<Upstream, 'call' | 'isUp'>, node: string) {
    this.#upstream = upstream;
    this.#node = node;
  }

  get isUp(): boolean {
    return this.#upstream.isUp;
  }

  /** The zone in which the server has this node. */
  async zone(): Promise<string> {
    const answer = await this.#own('GET', this.#nodePath);
    return read.node(answer.body).zone;
  }

  async register(zone: string): Promise<void> {
    await this.#own('PUT', this.#nodePath, { zone });
  }

  async sync(request: SyncRequest): Promise<SyncAnswer> {
    return read.sync((await this.#own('POST', `${this.#nodePath}:sync`, request)).body);
  }

  async news(): Promise<News> {
    return read.news((await this.#own('GET', `${this.#nodePath}/status`)).body);
  }

  async putReserve(request: ReserveRequest): Promise<ReserveAnswer> {
    const { body } = await this.#own('PUT', `${this.#nodePath}/reserve`, request);
    return { nodes: 1, ...read.reserve(body) };
  }

  async batch(request: Batch, id?: string): Promise<BatchAnswer> {
    return read.batch((await this.#own('POST', '/v1/allocations:batch', request, id)).body);
  }

  async allocate(
    request: AllocationRequest,
    id?: string,
  ): Promise<{ allocation: Allocation; created: boolean }> {
    const answer = await this.pass({
      method: 'POST',
      path: '/v1/allocations',
      body: JSON.stringify(request),
      ...(id === undefined ? {} : { id }),
    });
    return { allocation: read.allocation(answer.body), created: answer.status === 201 };
  }

  async release({ network, containerId, ifname }: AttachmentKey, generation?: number): Promise<void> {
    const key = [network, containerId, ifname].map(encodeURIComponent).join('/');
    const fence = generation === undefined ? '' : `?generation=${generation}`;
    await this.#own('DELETE', `/v1/allocations/${key}${fence}`);
  }

  /** Somebody else uses an address of a pod, which keeps it. */
  async conflict(ip: string, mac: string): Promise<void> {
    await this.#own('POST', `/v1/addresses/${ip}:conflict`, { node: this.#node, mac });
  }

  /** A caller's call as it is; the answer is passed on. */
  pass(call: Omit<UpstreamCall, 'timeoutMs'>): Promise<HttpAnswer> {
    return this.#upstream.call({ ...call, timeoutMs: limit.asked });
  }

  get #nodePath(): string {
    return `/v1/nodes/${encodeURIComponent(this.#node)}`;
  }

  #own(method: UpstreamCall['method'], path: string, body?: object, id?: string): Promise<HttpAnswer> {
    this.#count += 1;
    return this.#upstream.call({
      method,
      path,
      id: id ?? `agent-${this.#node.slice(0, 32)}-${this.#count.toString(36)}`,
      timeoutMs: limit.own,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }
}
