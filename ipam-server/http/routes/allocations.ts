import { Type } from 'typebox';
import { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import {
  Allocation,
  AllocationRequest,
  AttachmentKey,
  ListedAllocation,
} from '../../../schema/allocation.ts';
import { listOf, Page } from '../../../schema/list.ts';
import { Address, MacAddress, ObjectName } from '../../../schema/text.ts';
import type { Pods } from '../../kube/pods.ts';
import { searchAllocations } from '../../ledger/addresses/search.ts';
import { release } from '../../ledger/allocation/release.ts';
import { allocatedIn, allocateOrRecall } from '../../ledger/nodes/wanted-warm.ts';
import type { Keeper } from '../../store/keeper.ts';
import { checkOwnNode, nodeIn, releaseBounds } from '../access.ts';
import { type Allocating, allocating } from '../allocating.ts';
import { answers, NoContent } from '../answers.ts';
import { contextOf } from '../context.ts';
import type { Metrics } from '../metrics.ts';
import { measureAllocation } from '../outcomes.ts';
import { answerPage, cursorOf, limitOf } from '../page.ts';
import type { Routes } from '../routes.ts';

const tags = ['allocations'];

/** Why an attachment gets no addresses. */
export const allocationProblems = [
  'NODE_UNKNOWN',
  'SUBNET_UNKNOWN',
  'SUBNET_NOT_OF_NODE',
  'RANGE_EXHAUSTED',
  'ATTACHMENT_ON_OTHER_NODE',
  'ADDRESS_NOT_GIVEN',
  'ADDRESS_IN_USE',
  'ADDRESS_RESERVED',
  'ADDRESS_WARM',
  'ADDRESS_COOLING',
  'ADDRESS_QUARANTINED',
  'MAC_IN_USE',
  'POD_NOT_ON_NODE',
  'EPOCH_PENDING',
  'NODE_FENCED',
  'ANNOTATION_INVALID',
] as const;

const ReleaseQuery = Type.Object(
  {
    generation: Type.Optional(
      Type.Integer({ minimum: 0, description: 'Release only this generation; another is left alone.' }),
    ),
  },
  { additionalProperties: false },
);

const SearchQuery = Type.Object(
  {
    node: Type.Optional(ObjectName),
    pod: Type.Optional(
      Type.String({ pattern: '^[^/]+/[^/]+$', description: 'namespace/name', examples: ['shop/web-0'] }),
    ),
    ip: Type.Optional(Address),
    mac: Type.Optional(MacAddress),
    ...Page.properties,
  },
  { additionalProperties: false },
);

/** Allocate, release, search. */
export function allocationRoutes(app: Routes, keeper: Keeper, metrics: Metrics, pods: Pods | null): void {
  app.post('/v1/allocations', {
    config: { access: 'node', operation: 'allocate', problems: allocationProblems },
    preValidation: async (request) => checkOwnNode(request.caller, nodeIn(request.body)),
    schema: {
      tags,
      summary: 'Give an attachment its addresses',
      description: 'The same attachment again answers 200 with the addresses that it has.',
      body: AllocationRequest,
      response: answers({ 200: Allocation, 201: Allocation }),
    },
    handler: async (request, reply) => {
      const { body, caller } = request;
      const { created, allocation } = await measureAllocation(metrics, async () => {
        const decide: Allocating =
          pods === null
            ? (ledger, moment) => allocateOrRecall(ledger, body, moment)
            : await allocating(pods, keeper, body, caller);
        return allocatedIn(await keeper.apply(decide, contextOf(request)));
      });
      return reply.code(created ? 201 : 200).send(allocation);
    },
  });

  app.delete('/v1/allocations/:network/:containerId/:ifname', {
    config: { access: 'node', operation: 'release' },
    schema: {
      tags,
      summary: 'Take an attachment’s addresses back',
      description: '204 also when there is none, or one of another generation.',
      params: AttachmentKey,
      querystring: ReleaseQuery,
      response: answers({ 204: NoContent }),
    },
    handler: async (request, reply) => {
      const { caller, params, query } = request;
      const bounds = releaseBounds(caller, query.generation);
      const record = await keeper.apply(
        (ledger, moment) => release(ledger, params, bounds, moment),
        contextOf(request),
      );
      metrics.releases.inc({ outcome: record === null ? 'nothing' : 'released' });
      return reply.code(204).send(null);
    },
  });

  app.get('/v1/allocations', {
    config: { access: 'node-or-viewer' },
    // A node sees its own: without the filter it would ask for all of them.
    onRequest: async (request) => checkOwnNode(request.caller, nodeIn(request.query) ?? ''),
    schema: {
      tags,
      summary: 'Search allocations',
      querystring: SearchQuery,
      response: answers({ 200: listOf(ListedAllocation) }),
    },
    handler: (request) => {
      const { node, pod, ip, mac } = request.query;
      const filter = {
        ...(node === undefined ? {} : { node }),
        ...(pod === undefined ? {} : { pod }),
        ...(ip === undefined ? {} : { ip: Ip.parse(ip).toString() }),
        ...(mac === undefined ? {} : { mac: Mac.parse(mac).toString() }),
      };
      const cursor = cursorOf(request.query, 'allocations');
      return keeper.read((ledger) =>
        answerPage(searchAllocations(ledger, filter, limitOf(request.query), cursor), 'allocations'),
      );
    },
  });
}
