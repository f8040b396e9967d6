import { Type } from 'typebox';
import { Problem } from '../../../core/problem/problem.ts';
import type { Elected } from '../../seat/elected.ts';
import type { Keeper } from '../../store/keeper.ts';
import { answers } from '../answers.ts';
import type { Routes } from '../routes.ts';

const config = { access: 'nobody', operation: 'probe' } as const;
const tags = ['probes'];
const Health = Type.Object({ ok: Type.Literal(true) });
const Readiness = Type.Object({
  ready: Type.Literal(true),
  role: Type.Optional(
    Type.Union([Type.Literal('leader'), Type.Literal('follower')], {
      description: 'Whether a server that shares its store decides itself, or hands calls on.',
    }),
  ),
  leader: Type.Optional(Type.String({ description: 'The server to which a follower hands calls on.' })),
  pending: Type.Optional(
    Type.String({
      description:
        'What is not done yet although calls are answered, such as nodes that a new epoch waits for.',
    }),
  ),
});

/** What probes ask. */
interface Probed {
  readonly keeper: Keeper;
  /** Null for a server on a store of its own. */
  readonly seat: Elected | null;
  readonly isStopping: () => boolean;
}

/** Whether it decides, and who does otherwise. */
function roleOf({ leads, leader }: Elected) {
  const role = leads ? 'leader' : 'follower';
  return leader === null ? ({ role } as const) : ({ role, leader: leader.url } as const);
}

/** /healthz says that the process runs, /readyz whether calls are answered, and if not, what is missing. */
export function probeRoutes(app: Routes, { keeper, seat, isStopping }: Probed): void {
  app.get('/healthz', {
    config,
    schema: { tags, summary: 'Does the process run?', security: [], response: { 200: Health } },
    handler: async () => ({ ok: true }) as const,
  });

  app.get('/readyz', {
    config: { ...config, problems: ['SHUTTING_DOWN', 'STORE_UNAVAILABLE'] },
    schema: {
      tags,
      summary: 'Are calls answered? If not, what is missing?',
      security: [],
      description: 'If not, the problem lists in `notReady` each part that is not, and why.',
      response: answers({ 200: Readiness }),
    },
    handler: async () => {
      const trouble = (seat ?? keeper).trouble;
      const notReady = [
        ...(trouble === null ? [] : [{ part: 'store', why: trouble }]),
        ...(isStopping() ? [{ part: 'server', why: 'it is stopping' }] : []),
      ];
      if (notReady.length > 0) {
        const detail = notReady.map(({ part, why }) => `${part}: ${why}`).join('; ');
        const code = isStopping() ? 'SHUTTING_DOWN' : 'STORE_UNAVAILABLE';
        throw new Problem(code, detail, { ready: false, notReady });
      }
      // Ready all the same: the nodes' syncs, which end this, must find their way here.
      const waiting = keeper.peek(({ epoch }) => epoch?.waitingFor.length ?? 0) ?? 0;
      const pending = `nothing is given before ${waiting} nodes have synced; see GET /v1/epoch`;
      return { ready: true, ...(seat && roleOf(seat)), ...(waiting === 0 ? {} : { pending }) } as const;
    },
  });
}
