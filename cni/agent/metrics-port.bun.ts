import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { ListenAddress } from '../../service/listen.ts';

/**
 * Listens with /metrics alone, in the clear.
 *
 * @throws Problem FLAG_INVALID when it can't listen there
 */
export function listenForMetrics(
  { host, port }: ListenAddress,
  page: () => Promise<{ readonly text: string; readonly type: string }>,
): { stop(): void } {
  try {
    const server = Bun.serve({
      hostname: host,
      port,
      fetch: async ({ url, method }) => {
        if (new URL(url).pathname !== '/metrics' || (method !== 'GET' && method !== 'HEAD')) {
          return new Response(null, { status: 404 });
        }
        const { text, type } = await page();
        return new Response(text, { headers: { 'content-type': type } });
      },
    });
    return { stop: () => void server.stop(true) };
  } catch (error) {
    throw new Problem('FLAG_INVALID', `--metrics-listen ${host}:${port}: ${reasonOf(error)}`, {}, error);
  }
}
