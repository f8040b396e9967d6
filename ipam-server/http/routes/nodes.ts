import { Type } from 'typebox';
import type { Logger } from 'winston';
import { FenceAnswer, NodeStatus, SyncAnswer, SyncRequest } from '../../../schema/node-sync.ts';
import { ObjectName } from '../../../schema/text.ts';
import { matchedBy, reservedFor } from '../../ledger/nodes/constraints.ts';
import { fenceNode } from '../../ledger/nodes/fence.ts';
import { statusOf } from '../../ledger/nodes/status.ts';
import { syncNode } from '../../ledger/nodes/sync.ts';
import type { Keeper } from '../../store/keeper.ts';
import { checkOwnNode } from '../access.ts';
import { answers } from '../answers.ts';
import { versionOf } from '../constraints.ts';
import { contextOf } from '../context.ts';
import type { Metrics } from '../metrics.ts';
import type { Routes } from '../routes.ts';

const tags = ['nodes'];
const params = Type.Object({ node: ObjectName });

const FenceQuery = Type.Object(
  {
    dryRun: Type.Optional(Type.Boolean({ description: 'Say what would happen, do nothing.' })),
  },
  { additionalProperties: false },
);

/** Longest report, in octets. */
const bodyLimit = 8 * 1024 * 1024;

/** What nodes tell of themselves, and what is done with those that tell nothing any more. */
export function nodeRoutes(app: Routes, keeper: Keeper, metrics: Metrics, log: Logger): void {
  app.post('/v1/nodes/:node(^[^:]+)::sync', {
    config: { access: 'node', operation: 'sync', problems: ['NODE_UNKNOWN', 'EPOCH_MISMATCH'] },
    bodyLimit,
    onRequest: async ({ caller, params }) => checkOwnNode(caller, params.node),
    schema: {
      tags,
      summary: 'Tell all that lives on a node',
      description:
        'Attachments that the ledger does not know are adopted, those that two reports do not show are released, ' +
        'those taken away while the node was fenced are answered as `revoked` until it shows them no more. What ' +
        'contradicts the ledger is answered in `conflicts` and left as it is. Sent again, it changes nothing.',
      params,
      body: SyncRequest,
      response: answers({ 200: SyncAnswer }),
    },
    handler: async (request) => {
      const {
        params: { node },
        body,
        id,
      } = request;
      const context = contextOf(request);
      const { answer, marked } = await keeper.applyEach((each) => syncNode(each, node, body), context);
      metrics.conflicts.inc(marked);
      const { release, revoked, adopted, conflicts } = answer;
      const isQuiet = release.length + adopted.length + marked === 0;
      log.log(isQuiet ? 'debug' : 'warn', 'a node told what lives on it', {
        node,
        request: id,
        shown: body.attachments.length,
        released: release,
        adopted,
        revoked: revoked.length,
        conflicts,
      });
      return answer;
    },
  });

  app.post('/v1/nodes/:node(^[^:]+)::fence', {
    config: { isEdit: true, problems: ['OBJECT_UNKNOWN', 'NODE_UNKNOWN'] },
    schema: {
      tags,
      summary: 'Take everything from a node that is dead',
      description:
        'Its allocations end, its reserve is taken back, and all of it rests. When the node comes back its sync is ' +
        'told which attachments were revoked. A fence takes from the ledger, not from the network: be sure that the ' +
        'node is off, or its pods will meet the next owners of their addresses.',
      params,
      querystring: FenceQuery,
      response: answers({ 200: FenceAnswer }),
    },
    handler: async (request) => {
      const {
        params: { node },
        query,
        id,
      } = request;
      const { dryRun = false } = query;
      const why = `node ${node} was fenced`;
      const done = dryRun
        ? await keeper.read((ledger, now) => fenceNode(ledger, node, why, now).answer)
        : await keeper.apply((ledger, { now }) => fenceNode(ledger, node, why, now), contextOf(request));
      if (!dryRun) {
        const { attachments, addresses } = done;
        log.warn('a node was fenced', { node, request: id, attachments: attachments.length, addresses });
      }
      return { ...done, dryRun };
    },
  });

  app.get('/v1/nodes/:node/status', {
    config: { access: 'node-or-viewer', problems: ['OBJECT_UNKNOWN', 'NODE_UNKNOWN'] },
    onRequest: async ({ caller, params }) => checkOwnNode(caller, params.node),
    schema: {
      tags,
      summary: 'Look at what the ledger knows of a node: last sync, fence, suspects, what it lost',
      params,
      response: answers({ 200: NodeStatus }),
    },
    handler: ({ params: { node } }) =>
      keeper.read((ledger) => {
        const status = statusOf(ledger, node);
        const { zone } = status;
        return {
          ...status,
          constraints: versionOf(reservedFor(ledger, zone), matchedBy(ledger, node, zone)),
        };
      }),
  });
}
