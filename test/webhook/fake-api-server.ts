import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Labels = Readonly<Record<string, string>>;

/** The one corner of the Kubernetes API that the webhook uses: namespaces, to get, list and watch. */
export class FakeApiServer {
  readonly #labels = new Map<string, Labels>();
  readonly #watchers = new Set<ServerResponse>();
  readonly requests: string[] = [];
  /** When false, every call fails and the watches are cut. */
  #up = true;
  /** Every call is refused by 403 while true. */
  forbids = false;
  #version = 1;
  readonly #server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://fake');
    this.requests.push(`${request.method} ${url.pathname}${url.searchParams.has('watch') ? ' watch' : ''}`);
    this.#serve(url, response);
  });

  async start(): Promise<number> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  /** Sets a namespace's labels; `silently` keeps it from the watches. */
  set(name: string, labels: Labels, silently = false): void {
    const type = this.#labels.has(name) ? 'MODIFIED' : 'ADDED';
    this.#version++;
    this.#labels.set(name, labels);
    for (const watcher of silently ? [] : this.#watchers) {
      watcher.write(`${JSON.stringify({ type, object: this.#object(name, labels) })}\n`);
    }
  }

  /** Cuts all calls and refuses new ones until `up` again. */
  setUp(up: boolean): void {
    this.#up = up;
    if (!up) {
      this.#server.closeAllConnections();
    }
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #serve(url: URL, response: ServerResponse): void {
    const name = url.pathname.replace(/^\/api\/v1\/namespaces\/?/, '');
    const labels = this.#labels.get(name);
    if (!this.#up) {
      response.destroy();
    } else if (this.forbids) {
      const message = 'namespaces is forbidden';
      this.#json(response, 403, {
        apiVersion: 'v1',
        kind: 'Status',
        code: 403,
        reason: 'Forbidden',
        message,
      });
    } else if (url.searchParams.has('watch')) {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.flushHeaders();
      this.#watchers.add(response);
      response.on('close', () => this.#watchers.delete(response));
    } else if (name === '') {
      const items = [...this.#labels].map(([each, its]) => this.#object(each, its));
      const metadata = { resourceVersion: String(this.#version) };
      this.#json(response, 200, { apiVersion: 'v1', kind: 'NamespaceList', metadata, items });
    } else if (labels === undefined) {
      this.#json(response, 404, { apiVersion: 'v1', kind: 'Status', code: 404, reason: 'NotFound' });
    } else {
      this.#json(response, 200, this.#object(name, labels));
    }
  }

  #object(name: string, labels: Labels): object {
    const metadata = { name, labels, resourceVersion: String(this.#version) };
    return { apiVersion: 'v1', kind: 'Namespace', metadata };
  }

  #json(response: ServerResponse, status: number, body: object): void {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(body));
  }
}
