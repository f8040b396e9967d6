import { Type } from 'typebox';
import type { Logger } from 'winston';
import { ReserveAnswer, ReserveRequest } from '../../../schema/reserve.ts';
import { ObjectName } from '../../../schema/text.ts';
import { putReserve } from '../../ledger/nodes/reserve.ts';
import type { Keeper } from '../../store/keeper.ts';
import { checkOwnNode } from '../access.ts';
import { answers } from '../answers.ts';
import { constraintsOf } from '../constraints.ts';
import { contextOf } from '../context.ts';
import type { Metrics } from '../metrics.ts';
import type { Routes } from '../routes.ts';

/** The addresses that a node holds ready for pods to come. */
export function reserveRoutes(app: Routes, keeper: Keeper, metrics: Metrics, log: Logger): void {
  app.put('/v1/nodes/:node/reserve', {
    config: {
      access: 'node',
      operation: 'sync',
      problems: [
        ...(['NODE_UNKNOWN', 'NODE_FENCED', 'EPOCH_MISMATCH', 'EPOCH_PENDING'] as const),
        ...(['SUBNET_UNKNOWN', 'SUBNET_NOT_OF_NODE'] as const),
      ],
    },
    onRequest: async ({ caller, params }) => checkOwnNode(caller, params.node),
    schema: {
      tags: ['nodes'],
      summary: 'Keep a node’s reserve of addresses',
      description:
        'The whole of it, each time: what is not in `hold` is let go, what `want` asks for is granted as far as ' +
        'others are left some. Sent again, it changes nothing. A node gives an address of the answer to a pod and ' +
        'then records it by POST /v1/allocations or :batch with `addresses`.',
      params: Type.Object({ node: ObjectName }),
      body: ReserveRequest,
      response: answers({ 200: ReserveAnswer }),
    },
    handler: async (request) => {
      const {
        params: { node },
        body,
        id,
      } = request;
      const { answer, reserved, matched, conflicts } = await keeper.applyEach(
        (each) => putReserve(each, node, body),
        contextOf(request),
      );
      metrics.conflicts.inc(conflicts);
      metrics.quarantined.inc(conflicts);
      if (conflicts > 0) {
        const seen = body.hold.filter(({ state }) => state === 'conflict');
        log.warn('addresses of a reserve are in conflict', { node, request: id, seen });
      }
      return { ...answer, constraints: constraintsOf(reserved, matched, body.constraints) };
    },
  });
}
