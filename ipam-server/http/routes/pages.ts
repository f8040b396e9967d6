import type { FastifyInstance } from 'fastify';
import { Type } from 'typebox';
import type { Metrics } from '../metrics.ts';

const page = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>realip IPAM server</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}</style>
<h1>realip IPAM server</h1>
<p>The ledger of real addresses for Kubernetes pods. Its calls are described in
<a href="/openapi.json">/openapi.json</a>; its state is at <a href="/readyz">/readyz</a>.</p>
</html>
`;

/** What a page answers, for the description. */
function pageOf(summary: string, type: string) {
  const content = { [type]: { schema: Type.Unknown() } };
  return { tags: ['pages'], summary, response: { 200: { description: summary, content } } };
}

/** The page at `/`, the description of all calls, and the metrics. */
export function pageRoutes(app: FastifyInstance, metrics: Metrics): void {
  const config = { access: 'nobody', operation: 'probe' } as const;
  let description: string | null = null;

  app.get('/', {
    config,
    schema: { ...pageOf('The page for people', 'text/html'), security: [] },
    handler: async (_, reply) => reply.type('text/html; charset=utf-8').send(page),
  });

  app.get('/openapi.json', {
    config,
    schema: { ...pageOf('The description of all calls', 'application/json'), security: [] },
    handler: async (_, reply) => {
      description ??= JSON.stringify(app.swagger());
      return reply.type('application/json; charset=utf-8').send(description);
    },
  });

  app.get('/metrics', {
    config: { access: 'viewer', operation: 'probe' },
    schema: pageOf('The metrics, for Prometheus', 'text/plain'),
    handler: async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  });
}
