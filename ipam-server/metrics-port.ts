import { createServer, type Server } from 'node:http';
import type { Metrics } from './http/metrics.ts';

/** A plain server with /metrics alone, for a Prometheus without token; not listening yet. */
export function metricsServer(metrics: Metrics): Server {
  return createServer((request, response) => {
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404).end();
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
}
