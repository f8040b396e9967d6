import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import { Problem } from '../../../core/problem/problem.ts';
import type { Keeper } from '../../store/keeper.ts';
import { copyEnd } from '../../store/store.ts';
import { answers } from '../answers.ts';

const type = 'application/vnd.sqlite3';

/** The whole ledger as a file: what `restore` takes. */
export function backupRoutes(app: FastifyInstance, keeper: Keeper): void {
  app.get('/v1/backup', {
    config: { access: 'admin', isLong: true, problems: ['BACKUP_IMPOSSIBLE', 'BACKUP_RUNNING'] },
    schema: {
      tags: ['backup'],
      summary: 'Take a copy of the whole ledger, as of one moment, while the server goes on',
      description: 'An SQLite file with all records, events and history. It holds no tokens.',
      response: {
        ...answers({}),
        200: { description: 'The copy', content: { [type]: { schema: Type.Unknown() } } },
      },
    },
    handler: async (_, reply) => {
      const { copyStem } = keeper;
      if (copyStem === null) {
        throw new Problem('BACKUP_IMPOSSIBLE', 'the ledger is in memory only');
      }
      const copy = `${copyStem}${copyEnd}${randomUUID()}`;
      await keeper.backup(copy);
      const handle = await open(copy, 'r');
      // Without a name it is gone when it is sent, however that ends.
      await rm(copy);
      const { size } = await handle.stat();
      const name = `realip-ledger-${new Date().toISOString().replaceAll(':', '')}.db`;
      return reply
        .type(type)
        .header('content-length', size)
        .header('content-disposition', `attachment; filename="${name}"`)
        .send(handle.createReadStream());
    },
  });
}
