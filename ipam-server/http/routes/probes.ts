import { Type } from 'typebox';
import type { Keeper } from '../../store/keeper.ts';
import type { Routes } from '../routes.ts';

const config = { access: 'nobody' } as const;
const tags = ['probes'];
const Health = Type.Object({ ok: Type.Literal(true) });
const Readiness = Type.Object({
  ready: Type.Boolean(),
  notReady: Type.Array(Type.Object({ part: Type.String(), why: Type.String() })),
});

/** /healthz says that the process runs, /readyz whether calls are answered, and if not, what is missing. */
export function probeRoutes(app: Routes, keeper: Keeper, isStopping: () => boolean): void {
  app.get('/healthz', {
    config,
    schema: { tags, summary: 'Does the process run?', security: [], response: { 200: Health } },
    handler: async () => ({ ok: true }) as const,
  });

  app.get('/readyz', {
    config,
    schema: {
      tags,
      summary: 'Are calls answered? If not, what is missing?',
      security: [],
      response: { 200: Readiness, 503: Readiness },
    },
    handler: async (_, reply) => {
      const notReady = [
        ...(keeper.trouble === null ? [] : [{ part: 'store', why: keeper.trouble }]),
        ...(isStopping() ? [{ part: 'server', why: 'it is stopping' }] : []),
      ];
      const ready = notReady.length === 0;
      return reply.code(ready ? 200 : 503).send({ ready, notReady });
    },
  });
}
