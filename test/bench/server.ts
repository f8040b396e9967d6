import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { makeCertificates } from '../lab/certificates.ts';
import { start } from '../lab/process.ts';

/** A program of the bench that was started and answers on `url`. */
export interface RunningServer {
  readonly url: string;
  readonly caFile?: string;
  /** Makes zone, subnet, node n1 and one range, as the bench needs them. */
  declare(cidr: string, gateway: string, range: readonly [string, string]): Promise<void>;
  stop(): Promise<void>;
}

export interface ServerOptions {
  /** The network namespace that it lives in; the machine's own without. */
  readonly namespace?: string;
  readonly tls?: boolean;
  /** Another program than dist/ipam-server.js that takes the same flags. */
  readonly program?: string;
}

/** Starts the IPAM server on SQLite on loopback. */
export async function startServer(
  dist: string,
  folder: string,
  options: ServerOptions = {},
): Promise<RunningServer> {
  const { namespace, tls = false, program = join(dist, 'ipam-server.js') } = options;
  const port = tls ? 18443 : 18080;
  const files = tls ? await makeCertificates(folder, ['IP:127.0.0.1']) : undefined;
  const secured = files === undefined ? [] : ['--tls-cert', files.cert, '--tls-key', files.key];
  const store = `sqlite:${join(folder, `${tls ? 'tls' : 'plain'}.db`)}`;
  const args = [program, '--listen', `127.0.0.1:${port}`, '--store', store, ...secured];
  const prefix = namespace === undefined ? [] : ['nsenter', `--net=/run/netns/${namespace}`];
  const command = [...prefix, process.execPath, ...args];
  const { process: child } = await start(command, join(folder, 'ipam-server.log'));
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const curl = [...prefix, 'curl', '-sSf', ...(files === undefined ? [] : ['--cacert', files.ca])];
  const put = (path: string, body: object) => {
    const [program = '', ...flags] = [...curl, '-X', 'PUT', '-H', 'content-type: application/json'];
    const run = spawnSync(program, [...flags, '-d', JSON.stringify(body), `${url}/v1/${path}`], {
      encoding: 'utf8',
    });
    if (run.status !== 0) {
      throw new Error(`PUT ${path}: ${run.stderr}`);
    }
  };
  return {
    url,
    ...(files === undefined ? {} : { caFile: files.ca }),
    declare: async (cidr, gateway, [start, end]) => {
      put('zones/real', { type: 'macvlan' });
      put('subnets/lan', { zone: 'real', cidr, gateway });
      put('nodes/n1', { zone: 'real' });
      put('ranges/all', { subnet: 'lan', start, end });
    },
    stop: () => stop(child),
  };
}

/** Ends a program that the bench started, and waits until it has gone. */
export async function stop(child: ChildProcess): Promise<void> {
  child.ref();
  child.kill('SIGTERM');
  if (child.exitCode === null) {
    await once(child, 'close');
  }
}
