import { Type } from 'typebox';
import type { Logger } from 'winston';
import { Ip } from '../../../core/address/ip.ts';
import { AddressReport, ConflictReport } from '../../../schema/address.ts';
import { Address } from '../../../schema/text.ts';
import { takeConflict } from '../../ledger/addresses/conflict.ts';
import type { Keeper } from '../../store/keeper.ts';
import { checkOwnNode, nodeIn } from '../access.ts';
import { answers } from '../answers.ts';
import { contextOf } from '../context.ts';
import type { Metrics } from '../metrics.ts';
import type { Routes } from '../routes.ts';

/** Nodes report addresses that somebody else uses. */
export function conflictRoutes(app: Routes, keeper: Keeper, metrics: Metrics, log: Logger): void {
  // The expression ends the parameter before the verb: an IPv6 address has colons of its own.
  app.post('/v1/addresses/:ip(^.+(?=:conflict$))::conflict', {
    config: { access: 'node', operation: 'conflict', problems: ['NODE_UNKNOWN', 'ADDRESS_OUTSIDE_SUBNETS'] },
    preValidation: async (request) => checkOwnNode(request.caller, nodeIn(request.body)),
    schema: {
      tags: ['addresses'],
      summary: 'Report that somebody else uses an address',
      description:
        'It is quarantined for an hour, from the last report on. The allocation of the attachment that reports ' +
        'ends, and its next request gets another address. An address of another attachment stays with it: the ' +
        'answer is then `allocated`, with the conflict in `why`, and it is quarantined at its release.',
      params: Type.Object({ ip: Address }),
      body: ConflictReport,
      response: answers({ 200: AddressReport }),
    },
    handler: async (request) => {
      const { params, body, caller } = request;
      const ip = Ip.parse(params.ip);
      const bounds = caller.role === 'node' ? { node: caller.node } : {};
      const { report, isQuarantinedNow } = await keeper.apply(
        (ledger, moment) => takeConflict(ledger, ip, body, bounds, moment),
        contextOf(request),
      );
      metrics.conflicts.inc();
      metrics.quarantined.inc(isQuarantinedNow ? 1 : 0);
      const { address, state, why, owner } = report;
      const { node, mac } = body;
      log.warn('an address is in conflict', { address, state, why, owner, node, mac, request: request.id });
      return report;
    },
  });
}
