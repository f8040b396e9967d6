import { EpochState } from '../../../schema/node-sync.ts';
import { epochState, waiveEpoch } from '../../ledger/nodes/epoch.ts';
import type { Keeper } from '../../store/keeper.ts';
import { answers } from '../answers.ts';
import { contextOf } from '../context.ts';
import type { Routes } from '../routes.ts';

const tags = ['nodes'];

/** Which life of the ledger this is, and whom it waits for. */
export function epochRoutes(app: Routes, keeper: Keeper): void {
  app.get('/v1/epoch', {
    config: { access: 'node-or-viewer' },
    schema: {
      tags,
      summary: 'Look at which life of the ledger this is, and which nodes it waits for',
      response: answers({ 200: EpochState }),
    },
    handler: () => keeper.read(epochState),
  });

  app.post('/v1/epoch::waive', {
    config: { isEdit: true },
    schema: {
      tags,
      summary: 'Wait for no node any more after a restore',
      description:
        'Whoever waives answers for the nodes that have not synced: addresses that they use and the backup does not ' +
        'know may be given to others.',
      response: answers({ 200: EpochState }),
    },
    handler: (request) => keeper.apply(waiveEpoch, contextOf(request)),
  });
}
