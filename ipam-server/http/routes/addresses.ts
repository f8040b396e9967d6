import { Type } from 'typebox';
import { Ip } from '../../../core/address/ip.ts';
import { Problem } from '../../../core/problem/problem.ts';
import { AddressReport, MapCell, NodeUsage, Usage } from '../../../schema/address.ts';
import { listOf, Page } from '../../../schema/list.ts';
import { Address, ObjectName } from '../../../schema/text.ts';
import { factsOf } from '../../ledger/addresses/address-facts.ts';
import { reportAddress } from '../../ledger/addresses/address-report.ts';
import { nodeUsageOf } from '../../ledger/addresses/node-usage.ts';
import { mapOf, usageOf } from '../../ledger/addresses/usage.ts';
import type { Ledger } from '../../ledger/state/ledger.ts';
import type { Network } from '../../ledger/state/network.ts';
import type { Keeper } from '../../store/keeper.ts';
import { checkOwnNode } from '../access.ts';
import { answers } from '../answers.ts';
import { answerPage, cursorOf, limitOf } from '../page.ts';
import type { Routes } from '../routes.ts';

const config = { access: 'viewer' } as const;
const tags = ['addresses'];
const SubnetParams = Type.Object({ subnet: ObjectName });

function networkIn(ledger: Ledger, name: string): Network {
  const network = ledger.networks.get(name);
  if (network === undefined) {
    throw new Problem('OBJECT_UNKNOWN', `there is no subnet ${name}`);
  }
  return network;
}

/** Looking at addresses: one, all of a subnet, how many are in which state, and what is left for a node. */
export function addressRoutes(app: Routes, keeper: Keeper): void {
  app.get('/v1/addresses/:ip', {
    config: { ...config, problems: ['ADDRESS_OUTSIDE_SUBNETS'] },
    schema: {
      tags,
      summary: 'Look at an address: its state, its owner and why',
      params: Type.Object({ ip: Address }),
      querystring: Type.Object(
        { facts: Type.Optional(Type.Boolean({ description: 'Tell also who may ever be given it.' })) },
        { additionalProperties: false },
      ),
      response: answers({ 200: AddressReport }),
    },
    handler: ({ params, query }) => {
      const ip = Ip.parse(params.ip);
      return keeper.read((ledger, now) => ({
        ...reportAddress(ledger, ip, now),
        ...(query.facts === true ? { facts: factsOf(ledger, ip) } : {}),
      }));
    },
  });

  app.get('/v1/subnets/:subnet/usage', {
    config: { ...config, problems: ['OBJECT_UNKNOWN'] },
    schema: {
      tags,
      summary: 'Count the usable addresses of a subnet’s ranges by state',
      params: SubnetParams,
      response: answers({ 200: Usage }),
    },
    handler: ({ params }) => keeper.read((ledger, now) => usageOf(networkIn(ledger, params.subnet), now)),
  });

  app.get('/v1/nodes/:node/usage', {
    config: { access: 'node-or-viewer', problems: ['OBJECT_UNKNOWN'] },
    onRequest: async ({ caller, params }) => checkOwnNode(caller, params.node),
    schema: {
      tags: ['nodes'],
      summary: 'Look at what a node could be given now',
      params: Type.Object({ node: ObjectName }),
      querystring: Type.Object({ subnet: Type.Optional(ObjectName) }, { additionalProperties: false }),
      response: answers({ 200: NodeUsage }),
    },
    handler: ({ params, query }) =>
      keeper.read((ledger, now) => nodeUsageOf(ledger, params.node, query.subnet, now)),
  });

  app.get('/v1/subnets/:subnet/map', {
    config: { ...config, problems: ['OBJECT_UNKNOWN'] },
    schema: {
      tags,
      summary: 'List the usable addresses of a subnet’s ranges with their states',
      params: SubnetParams,
      querystring: Page,
      response: answers({ 200: listOf(MapCell) }),
    },
    handler: ({ params, query }) => {
      const cursor = cursorOf(query, 'map');
      return keeper.read((ledger, now) =>
        answerPage(mapOf(ledger, networkIn(ledger, params.subnet), now, limitOf(query), cursor), 'map'),
      );
    },
  });
}
