import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { ListenAddress } from '../service/listen.ts';
import type { Metrics } from './http/metrics.ts';

/** Listens with /metrics alone, in the clear, for a Prometheus without token; @throws when it cannot listen */
export async function listenForMetrics(address: ListenAddress, metrics: Metrics): Promise<Server> {
  const server = createServer((request, response) => {
    const [path] = (request.url ?? '').split('?', 1);
    if (path !== '/metrics' || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404).end();
      return;
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });
  await once(server.listen(address), 'listening');
  return server;
}
