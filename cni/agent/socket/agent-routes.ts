import { json } from './problem-answer.ts';
import type { Route } from './router.ts';

export interface AgentDoors {
  readonly status: () => Promise<object>;
  readonly metrics: () => Promise<{ readonly text: string; readonly type: string }>;
}

/** What only an agent has. */
export function agentRoutes({ status, metrics }: AgentDoors): Route[] {
  return [
    { method: 'GET', path: '/v1/agent/status', answer: async () => json(await status()) },
    {
      method: 'GET',
      path: '/metrics',
      answer: async () => {
        const { text, type } = await metrics();
        return { status: 200, body: text, type };
      },
    },
  ];
}
