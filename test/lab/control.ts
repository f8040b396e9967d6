import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { type Certificates, makeCertificates } from './certificates.ts';
import { stateFolder } from './leftovers.ts';
import type { Namespace } from './namespace.ts';
import type { Network } from './network.ts';
import { lan, nodes, policy } from './plan.ts';
import type { Started } from './process.ts';
import { programs } from './programs.ts';

const adminToken = 'admin-of-the-lab';

const ports = { ipam: 8443, webhook: 9443 } as const;

/** Where nodes reach the IPAM server. */
export const ipamUrl = `https://${lan.control}:${ports.ipam}`;

/** Where the two servers of the control plane are reached from, and with which credentials. */
export interface Control {
  readonly certificates: Certificates;
  readonly adminToken: string;
  /** Unix sockets that lead into the control plane's namespace; sockets in the file system cross namespaces. */
  readonly sockets: { readonly ipam: string; readonly webhook: string };
  readonly ipamServer: IpamServerProcess;
}

/** The IPAM server's process, which the lab kills and starts again on the same ledger. */
export class IpamServerProcess {
  readonly #host: Namespace;
  readonly #args: readonly string[];
  #started: Started | undefined;

  constructor(host: Namespace, args: readonly string[]) {
    this.#host = host;
    this.#args = args;
  }

  /** Waits until it is ready. */
  async start(): Promise<void> {
    this.#started = await this.#host.start(join(stateFolder, 'ipam-server.log'), this.#args);
  }

  /** With -9, as a power cut would end it. */
  async kill(): Promise<void> {
    const running = this.#started?.process;
    running?.ref();
    running?.kill('SIGKILL');
    await (running && once(running, 'exit'));
  }
}

export function tokenFile(node: string): string {
  return join(stateFolder, `${node}.token`);
}

/** Writes tokens, certificates and the policy, starts the IPAM server and the webhook, and waits for both. */
export async function startControl(network: Network): Promise<Control> {
  const path = (name: string) => join(stateFolder, name);
  const names = [`IP:${lan.control}`, 'IP:127.0.0.1', 'DNS:localhost'];
  const certificates = await makeCertificates(stateFolder, names);
  const tokens = [
    { token: adminToken, role: 'admin' },
    ...nodes.map(({ name }) => ({ token: nodeToken(name), role: `node:${name}` })),
  ];
  writeFileSync(path('tokens.yaml'), JSON.stringify({ tokens }), { mode: 0o600 });
  writeFileSync(path('policy.yaml'), policy);
  for (const { name } of nodes) {
    writeFileSync(tokenFile(name), nodeToken(name), { mode: 0o600 });
  }
  const tls = ['--tls-cert', certificates.cert, '--tls-key', certificates.key];
  const ipam = ['--listen', `${lan.control}:${ports.ipam}`, '--store', `sqlite:${path('ipam.db')}`];
  const ipamServer = new IpamServerProcess(network.control, [
    programs.ipamServer,
    ...ipam,
    '--tokens',
    path('tokens.yaml'),
    ...tls,
  ]);
  const webhook = ['--listen', `${lan.control}:${ports.webhook}`, '--policy', path('policy.yaml')];
  const sockets = { ipam: path('ipam.sock'), webhook: path('webhook.sock') };
  const relay = (socket: string, port: number) => ['relay', socket, `${lan.control}:${port}`];
  await Promise.all([
    ipamServer.start(),
    network.control.start(path('webhook.log'), [programs.webhook, ...webhook, ...tls]),
    network.control.start(path('relay.log'), [programs.workload, ...relay(sockets.ipam, ports.ipam)]),
    network.control.start(path('relay.log'), [programs.workload, ...relay(sockets.webhook, ports.webhook)]),
  ]);
  return { certificates, adminToken, sockets, ipamServer };
}

function nodeToken(node: string): string {
  return `node-token-of-${node}`;
}

/** An answer of one of the two servers. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** One HTTPS call through a relay's socket, with the lab's CA; @throws Error when there is no answer in 5 s. */
export function call(
  socketPath: string,
  ca: Buffer,
  method: string,
  path: string,
  options: { readonly body?: unknown; readonly token?: string } = {},
): Promise<Answer> {
  const body = options.body === undefined ? undefined : JSON.stringify(options.body);
  const headers = {
    ...(body === undefined
      ? {}
      : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath, ca, method, path, headers, servername: 'localhost', timeout: 20_000, agent: false },
      (response) => {
        let text = '';
        response.on('data', (data) => {
          text += data;
        });
        response.on('end', () => {
          const json = (response.headers['content-type'] ?? '').includes('json') && text !== '';
          resolve({ status: response.statusCode ?? 0, body: json ? JSON.parse(text) : text });
        });
      },
    );
    sent.on('timeout', () => sent.destroy(new Error(`${method} ${path}: no answer within 20 s`)));
    sent.on('error', reject);
    sent.end(body);
  });
}
