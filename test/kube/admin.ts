import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { runCommand } from '../kernel/command.ts';
import type { Outcome } from '../kernel/host.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test asserts on any member; the assertion is the check.
type Body = any;

/** How a cluster's API server is reached. */
export interface Way {
  /** Holds `ca.crt`, `admin.crt`, `admin.key`; kubeconfigs are written there. */
  readonly folder: string;
  readonly url: string;
  /** A socket file that leads there, from a network namespace that can't see the address. */
  readonly socket?: string;
  /** What kubectl's command begins with, to run where the address is. */
  readonly entering: readonly string[];
  readonly kubectl: string;
}

/** A cluster as its admin has it: calls of the API, kubectl, kubeconfigs. */
export class Admin {
  readonly folder: string;
  readonly url: string;
  readonly #agent: Agent;
  readonly #way: Way;

  constructor(way: Way) {
    this.folder = way.folder;
    this.url = way.url;
    this.#way = way;
    const pem = (name: string) => readFileSync(join(way.folder, name));
    this.#agent = new Agent({
      keepAlive: true,
      ...(way.socket === undefined ? {} : { socketPath: way.socket }),
      ca: pem('ca.crt'),
      cert: pem('admin.crt'),
      key: pem('admin.key'),
    });
    this.certified('admin');
  }

  /** A call as the cluster's admin. */
  call(method: string, path: string, json?: unknown): Promise<{ status: number; body: Body }> {
    const payload = json === undefined ? undefined : JSON.stringify(json);
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    // Node gives a DELETE's body no length by itself.
    const headers =
      payload === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(payload) };
    return new Promise((resolve, reject) => {
      const call = request(`${this.url}${path}`, { method, agent: this.#agent, headers }, async (message) => {
        let text = '';
        for await (const part of message.setEncoding('utf8')) {
          text += part;
        }
        const isJson = /json/.test(message.headers['content-type'] ?? '');
        resolve({ status: message.statusCode ?? 0, body: isJson ? JSON.parse(text) : text });
      });
      call.on('error', reject);
      call.end(payload);
    });
  }

  /** A call that must succeed; its answer's body. */
  async must(method: string, path: string, json?: unknown): Promise<Body> {
    const { status, body } = await this.call(method, path, json);
    if (status >= 300) {
      throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
    }
    return body;
  }

  /** kubectl as the cluster's admin, with `input` as its standard input. */
  kubectl(args: readonly string[], input = ''): Promise<Outcome> {
    const { entering, folder, kubectl } = this.#way;
    const admin = ['--kubeconfig', join(folder, 'admin.kubeconfig'), '--cache-dir', folder];
    return runCommand([...entering, kubectl, ...admin, ...args], input);
  }

  /** `kubectl apply` of objects; @throws Error with what kubectl said */
  async apply(...objects: readonly object[]): Promise<void> {
    const items = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    const { status, stderr } = await this.kubectl(['apply', '-f', '-'], items);
    if (status !== 0) {
      throw new Error(`kubectl apply: ${stderr}`);
    }
  }

  /** A kubeconfig for a bearer token; its path. */
  kubeconfig(name: string, token: string): string {
    return this.#kubeconfigOf(name, { token });
  }

  /** A kubeconfig for a client's certificate; its path. */
  certified(name: string): string {
    const file = (ending: string) => join(this.folder, `${name}.${ending}`);
    return this.#kubeconfigOf(name, { 'client-certificate': file('crt'), 'client-key': file('key') });
  }

  #kubeconfigOf(name: string, user: object): string {
    const path = join(this.folder, `${name}.kubeconfig`);
    const cluster = { server: this.url, 'certificate-authority': join(this.folder, 'ca.crt') };
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster }],
      users: [{ name, user }],
      contexts: [{ name, context: { cluster: 'test', user: name } }],
      'current-context': name,
    };
    writeFileSync(path, JSON.stringify(config));
    return path;
  }

  /** Ends its connections. */
  close(): void {
    this.#agent.destroy();
  }
}
