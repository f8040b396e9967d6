import type { AgentNode } from './agent-node.ts';
import type { FarServer } from './far-server.ts';

/** Container id → its addresses, sorted and joined. */
type Holders = ReadonlyMap<string, string>;

interface Listed {
  readonly containerId: string;
  readonly ips: readonly { readonly address: string }[];
}

function plain(address: string): string {
  return address.replace(/\/.*/, '');
}

/** What pods' interfaces really have, link-local addresses apart. */
function inKernel(node: AgentNode): Holders {
  const holders = new Map<string, string>();
  for (const { id, host } of node.pods.values()) {
    const infos = host.ask('address show eth0').flatMap(({ addr_info }) => addr_info ?? []);
    const addresses = infos.filter(({ scope }) => scope === 'global').map(({ local }) => local);
    if (addresses.length > 0) {
      holders.set(id, addresses.toSorted().join(' '));
    }
  }
  return holders;
}

function listed(items: readonly Listed[]): Holders {
  return new Map(
    items.map(({ containerId, ips }) => [
      containerId,
      ips
        .map(({ address }) => plain(address))
        .toSorted()
        .join(' '),
    ]),
  );
}

function compare(what: string, truth: Holders, told: Holders): string[] {
  const names = [...new Set([...truth.keys(), ...told.keys()])].toSorted();
  return names
    .filter((name) => truth.get(name) !== told.get(name))
    .map(
      (name) =>
        `${name}: its interface has ${truth.get(name) ?? 'nothing'}, the ${what} says ${told.get(name) ?? 'nothing'}`,
    );
}

/** Routes of the node to pods that are no more. */
function staleRoutes(node: AgentNode, truth: Holders): string[] {
  const live = new Set([...truth.values()].flatMap((each) => each.split(' ')));
  const routes = [
    ...node.host.ask('-4 route show proto 82'),
    ...node.host.ask('-6 route show proto 82'),
  ].filter(({ dst }) => dst !== undefined && !live.has(plain(dst)));
  return routes.map(({ dst }) => `${node.name} has a route to ${dst}, which no pod has`);
}

function twice(holders: readonly Holders[]): string[] {
  const all = holders.flatMap((each) => [...each.values()].flatMap((addresses) => addresses.split(' ')));
  return [...new Set(all.filter((ip, index) => all.indexOf(ip) !== index))].map(
    (ip) => `two pods have ${ip}`,
  );
}

/** The reserve as the ledger has it and as the agent has it. */
async function reserveDifferences(server: FarServer, node: AgentNode): Promise<string[]> {
  const own = new Set(node.status().reserve.map(({ address }) => plain(address)));
  const { items: subnets } = await server.ask('GET', '/v1/subnets');
  const warm = new Set<string>();
  for (const { name } of subnets) {
    const { items } = await server.ask('GET', `/v1/subnets/${name}/map?limit=1000`);
    for (const { address, state } of items) {
      const report = state === 'warm' ? await server.address(address) : undefined;
      if (report?.why?.includes(`node ${node.name} `) === true) {
        warm.add(address);
      }
    }
  }
  return [
    ...[...warm]
      .filter((ip) => !own.has(ip))
      .map((ip) => `${ip} is warm for ${node.name}, whose agent lacks it`),
    ...[...own].filter((ip) => !warm.has(ip)).map((ip) => `${ip} is in ${node.name}’s reserve, and not warm`),
  ];
}

async function agentDifferences(server: FarServer, node: AgentNode, truth: Holders): Promise<string[]> {
  const { body } = await node.call('GET', `/v1/allocations?node=${node.name}&limit=1000`);
  const { attachments, journal } = node.status();
  return [
    ...compare('agent', truth, listed(body.items)),
    ...(attachments === truth.size
      ? []
      : [`${node.name} has ${truth.size} pods, its agent counts ${attachments}`]),
    ...(journal === 0 ? [] : [`${node.name}’s agent has ${journal} beginnings and ends to tell`]),
    ...(await reserveDifferences(server, node)),
  ];
}

/**
 * Where kernel, ledger and agents differ; nothing when nothing is leaked and nothing double. Agents that don't run are
 * left out.
 */
export async function differences(server: FarServer, nodes: readonly AgentNode[]): Promise<string[]> {
  const found: string[] = [];
  const truths: Holders[] = [];
  for (const node of nodes) {
    const truth = inKernel(node);
    truths.push(truth);
    const { items } = await server.ask('GET', `/v1/allocations?node=${node.name}&limit=1000`);
    found.push(...compare('ledger', truth, listed(items)), ...staleRoutes(node, truth));
    if (node.hasAgent) {
      found.push(...(await agentDifferences(server, node, truth)));
    }
  }
  return [...found, ...twice(truths)];
}
