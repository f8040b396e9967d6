import type { FastifyInstance } from 'fastify';
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

/** The page at `/`, the description of all calls, and the metrics. */
export function pageRoutes(app: FastifyInstance, metrics: Metrics): void {
  const open = { config: { access: 'nobody' }, schema: { hide: true } } as const;
  let description: string | null = null;

  app.get('/', { ...open, handler: async (_, reply) => reply.type('text/html; charset=utf-8').send(page) });

  app.get('/openapi.json', {
    ...open,
    handler: async (_, reply) => {
      description ??= JSON.stringify(app.swagger());
      return reply.type('application/json; charset=utf-8').send(description);
    },
  });

  app.get('/metrics', {
    config: { access: 'viewer' },
    schema: { hide: true },
    handler: async (_, reply) => reply.type(metrics.contentType).send(await metrics.text()),
  });
}
