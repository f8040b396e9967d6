import { type Static, Type } from 'typebox';
import { present } from '../../../core/cni/present.ts';
import { Problem } from '../../../core/problem/problem.ts';
import {
  AllocationRequest,
  AttachmentKey,
  type ListedAllocation,
  type Pod,
} from '../../../schema/allocation.ts';
import { Address, MacAddress, ObjectName } from '../../../schema/text.ts';
import type { IpamServer } from '../server/ipam-server.ts';
import type { AgentState } from '../state/agent-state.ts';
import { attachmentName, bare } from '../state/record.ts';
import type { Attachments } from './attachments.ts';
import { readBody } from './body.ts';
import { json, noContent, type SocketAnswer } from './problem-answer.ts';
import type { Route, SocketCall } from './router.ts';
import { checkerOf } from './validation.ts';

/** Seconds that an ADD waits for a probed address where it doesn't say, and at most. */
const patience = { usual: 8, most: 60 } as const;

/** The pod's network namespace, in which its addresses are announced a second time. */
export const PodNetns = Type.Object(
  { path: Type.String({ minLength: 1, maxLength: 4096 }), inode: Type.Integer({ minimum: 1 }) },
  { additionalProperties: false },
);
export type PodNetns = Static<typeof PodNetns>;

const AddBody = Type.Object(
  { ...AllocationRequest.properties, netns: Type.Optional(PodNetns) },
  { additionalProperties: false },
);

const checkAdd = checkerOf('body', AddBody);
const checkKey = checkerOf('params', AttachmentKey);
const checkEnd = checkerOf(
  'querystring',
  Type.Object(
    { generation: Type.Optional(Type.String({ pattern: '^\\d{1,15}$' })) },
    { additionalProperties: false },
  ),
);
const checkSearch = checkerOf(
  'querystring',
  Type.Object(
    {
      node: Type.Optional(ObjectName),
      pod: Type.Optional(Type.String({ pattern: '^[^/]+/[^/]+$' })),
      ip: Type.Optional(Address),
      mac: Type.Optional(MacAddress),
      limit: Type.Optional(Type.String({ pattern: '^\\d{1,4}$' })),
      cursor: Type.Optional(Type.String({ maxLength: 1024 })),
    },
    { additionalProperties: false },
  ),
);

export interface AllocationDoors {
  readonly node: string;
  readonly attachments: Attachments;
  readonly server: Pick<IpamServer, 'pass'>;
  readonly state: Pick<AgentState, 'listed'>;
  /** A pod has got addresses: they are announced again later. */
  readonly given: (ips: readonly string[], netns: PodNetns, ifname: string) => void;
  /** None was ready for a pod, and none came in time. */
  readonly missed: (pod: Pod, problem: Problem) => void;
}

/** Addresses for pods: given, taken back, searched. */
export function allocationRoutes(doors: AllocationDoors): Route[] {
  return [
    { method: 'POST', path: '/v1/allocations', answer: (call) => add(doors, call) },
    { method: 'DELETE', path: '/v1/allocations/*/*/*', answer: (call) => remove(doors, call) },
    { method: 'GET', path: '/v1/allocations', answer: (call) => search(doors, call) },
  ];
}

async function add(doors: AllocationDoors, call: SocketCall): Promise<SocketAnswer> {
  const { node, attachments, given } = doors;
  const { id, query, request } = call;
  checkerOfNothing(query);
  const { netns, ...asked } = checkAdd(await readBody(request));
  checkNode(node, asked.node);
  const waitMs = waitIn(request.headers.get('prefer')) * 1000;
  const { allocation, created, probed } = await attachments
    .add(asked, { id, waitMs, signal: request.signal })
    .catch((error: unknown) => missed(doors, asked, error));
  if (netns !== undefined) {
    given(
      allocation.ips.map(({ address }) => bare(address)),
      netns,
      asked.ifname,
    );
  }
  return json(probed ? { ...allocation, probed } : allocation, created ? 201 : 200);
}

function missed(doors: AllocationDoors, { pod }: AllocationRequest, error: unknown): never {
  if (pod !== undefined && error instanceof Problem && error.code === 'AGENT_RESERVE_EMPTY') {
    doors.missed(pod, error);
  }
  throw error;
}

/** `wait` of the preferences (RFC 7240 §4.3), in seconds. */
function waitIn(prefer: string | null): number {
  const [, seconds] = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,4})/i.exec(prefer ?? '') ?? [];
  return Math.min(patience.most, seconds === undefined ? patience.usual : Number(seconds));
}

async function remove({ attachments }: AllocationDoors, call: SocketCall): Promise<SocketAnswer> {
  const [network, containerId, ifname] = call.parts;
  const key = checkKey({ network, containerId, ifname });
  const { generation } = checkEnd(call.query);
  await attachments.remove(key, generation === undefined ? undefined : Number(generation));
  return noContent;
}

/**
 * What the server has, and beside it what it hasn't been told yet. While it is away: what is known here. A pod that isn't
 * known here may still be the server's, so that nobody says there is none.
 */
async function search({ node, server, state }: AllocationDoors, call: SocketCall): Promise<SocketAnswer> {
  const { id, query, search: text } = call;
  const filter = checkSearch(query);
  checkNode(node, filter.node ?? node);
  const known = state.listed().filter((each) => fits(each, filter));
  try {
    const path = `/v1/allocations${text}`;
    const { body } = await server.pass({ method: 'GET', path, ...present({ id }) });
    const page: { items: ListedAllocation[]; cursor?: string } = JSON.parse(body);
    const told = new Set(page.items.map(attachmentName));
    const untold = known.filter((each) => each.generation === 0 && !told.has(attachmentName(each)));
    return json({ ...page, items: [...page.items, ...(page.cursor === undefined ? untold : [])] });
  } catch (error) {
    const isAway = error instanceof Problem && error.code === 'AGENT_SERVER_AWAY';
    const isOfOne = (filter.ip ?? filter.mac ?? filter.pod) !== undefined;
    if (!isAway || (isOfOne && known.length === 0)) {
      throw error;
    }
    return json({ items: known });
  }
}

function fits(
  { ips, mac, pod }: ListedAllocation,
  filter: { readonly ip?: string; readonly mac?: string; readonly pod?: string },
): boolean {
  return (
    (filter.ip === undefined || ips.some(({ address }) => bare(address) === filter.ip)) &&
    (filter.mac === undefined || mac === filter.mac.toLowerCase()) &&
    (filter.pod === undefined || (pod !== undefined && `${pod.namespace}/${pod.name}` === filter.pod))
  );
}

const checkerOfNothing = checkerOf('querystring', Type.Object({}, { additionalProperties: false }));

/** @throws Problem ROLE_INSUFFICIENT */
function checkNode(own: string, named: string): void {
  if (named !== own) {
    throw new Problem(
      'ROLE_INSUFFICIENT',
      `this is the agent of node ${own}, the call is about node ${named}`,
    );
  }
}
