import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../kernel/command.ts';
import type { Outcome } from '../kernel/host.ts';
import { JsonApi } from './json-api.ts';

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
export class Admin extends JsonApi {
  readonly folder: string;
  readonly way: Way;

  constructor(way: Way) {
    const pem = (name: string) => readFileSync(join(way.folder, name));
    super(way.url, {
      ...(way.socket === undefined ? {} : { socketPath: way.socket }),
      ca: pem('ca.crt'),
      cert: pem('admin.crt'),
      key: pem('admin.key'),
    });
    this.folder = way.folder;
    this.way = way;
    this.certified('admin');
  }

  /** kubectl as the cluster's admin, with `input` as its standard input. */
  kubectl(args: readonly string[], input = ''): Promise<Outcome> {
    const { entering, folder, kubectl } = this.way;
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
}
