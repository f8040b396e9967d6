import { Type } from 'typebox';
import { present } from '../../../core/cni/present.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { ConflictReport, type FamilyUsage } from '../../../schema/address.ts';
import { Address, ObjectName } from '../../../schema/text.ts';
import type { IpamServer } from '../server/ipam-server.ts';
import type { AgentState } from '../state/agent-state.ts';
import { attachmentName } from '../state/record.ts';
import type { Supply } from '../state/reserve.ts';
import { readBody } from './body.ts';
import { json, type SocketAnswer } from './problem-answer.ts';
import type { Route, SocketCall } from './router.ts';
import { checkerOf } from './validation.ts';

const checkIp = checkerOf('params', Type.Object({ ip: Address }, { additionalProperties: false }));
const checkReport = checkerOf('body', ConflictReport);
const checkUsage = checkerOf(
  'querystring',
  Type.Object({ subnet: Type.Optional(ObjectName) }, { additionalProperties: false }),
);

export interface LookingDoors {
  readonly node: string;
  readonly server: Pick<IpamServer, 'pass' | 'isUp'>;
  readonly state: Pick<AgentState, 'supply' | 'end' | 'listed'>;
  readonly whyAway: () => string;
  /** What the agent does before it gives the first address; undefined once it has. */
  readonly beginning: () => string | undefined;
  /** What the interface that pods share is waited for; undefined when it is as it should be. */
  readonly uplinkLacks: () => string | undefined;
  readonly changed: () => void;
  readonly now: () => number;
}

/** What the plugin asks and tells beside allocations, and whether pods could be started. */
export function lookingRoutes(doors: LookingDoors): Route[] {
  return [
    { method: 'GET', path: '/healthz', answer: () => json({ ok: true }) },
    { method: 'GET', path: '/readyz', answer: () => readiness(doors) },
    { method: 'GET', path: '/v1/nodes/*/usage', answer: (call) => usage(doors, call) },
    { method: 'POST', path: '/v1/addresses/*:conflict', answer: (call) => conflict(doors, call) },
  ];
}

/** Ready is who could give an address now, or ask for one. */
function readiness({ server, state, whyAway, beginning, uplinkLacks, now }: LookingDoors): SocketAnswer {
  const lack = uplinkLacks();
  const master = lack === undefined ? [] : [{ part: 'master', why: lack }];
  const begins = beginning();
  const ready = state.supply(now()).reduce((sum, each) => sum + each.ready, 0);
  const isAlone = !server.isUp || begins !== undefined;
  const why = begins ?? `the IPAM server is away (${whyAway()})`;
  if (isAlone && ready === 0) {
    const empty = { part: 'reserve', why: 'no probed address is ready' };
    throw notReady([empty, { part: 'server', why }, ...master]);
  }
  const pending = [
    ...(isAlone ? [`${why}; ${ready} addresses are ready`] : []),
    ...(lack === undefined ? [] : [lack]),
  ].join('; ');
  return json({ ready: true, ...(pending === '' ? {} : { pending }) });
}

function notReady(parts: readonly { readonly part: string; readonly why: string }[]): Problem {
  const detail = parts.map(({ part, why }) => `${part}: ${why}`).join('; ');
  return new Problem('AGENT_RESERVE_EMPTY', detail, { ready: false, notReady: parts });
}

/** While the server is away a node could be given what its reserve has. */
async function usage(doors: LookingDoors, call: SocketCall): Promise<SocketAnswer> {
  const { node, server, state, now } = doors;
  const [named = ''] = call.parts;
  if (named !== node) {
    throw new Problem(
      'ROLE_INSUFFICIENT',
      `this is the agent of node ${node}, the call is about node ${named}`,
    );
  }
  const { subnet } = checkUsage(call.query);
  try {
    const path = `/v1/nodes/${encodeURIComponent(node)}/usage${call.search}`;
    const { body } = await server.pass({ method: 'GET', path, ...present({ id: call.id }) });
    return { status: 200, body };
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'AGENT_SERVER_AWAY') {
      throw error;
    }
    const supply = state.supply(now()).filter((each) => subnet === undefined || each.subnet === subnet);
    return json({ families: familiesOf(supply) });
  }
}

function familiesOf(supply: readonly Supply[]): FamilyUsage[] {
  return (['ipv4', 'ipv6'] as const).flatMap((family) => {
    const own = supply.filter((each) => each.family === family);
    const total = own.reduce((sum, { ready }) => sum + ready, 0);
    const why = total === 0 ? { why: 'the reserve is empty, and the IPAM server is away' } : {};
    return own.length === 0 ? [] : [{ family, total, allocated: 0, exhausted: total === 0, ...why }];
  });
}

/** The plugin has met somebody who uses the address: the server ends the allocation, so it ends here, too. */
async function conflict(doors: LookingDoors, call: SocketCall): Promise<SocketAnswer> {
  const { node, server, state, changed, now } = doors;
  const [named] = call.parts;
  const { ip } = checkIp({ ip: named });
  const report = checkReport(await readBody(call.request));
  if (report.node !== node) {
    throw new Problem('ROLE_INSUFFICIENT', `this is the agent of node ${node}, not of ${report.node}`);
  }
  const { body } = await server.pass({
    method: 'POST',
    path: `/v1/addresses/${encodeURIComponent(ip)}:conflict`,
    body: JSON.stringify(report),
    ...present({ id: call.id }),
  });
  const known = state.listed().find((each) => attachmentName(each) === nameIn(report));
  if (known !== undefined) {
    const { generation } = known;
    state.end(known, now(), generation === 0 ? {} : { generation });
    changed();
  }
  return { status: 200, body };
}

function nameIn({ network, containerId, ifname }: ConflictReport): string | undefined {
  return network !== undefined && containerId !== undefined && ifname !== undefined
    ? attachmentName({ network, containerId, ifname })
    : undefined;
}
