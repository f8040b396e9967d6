import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Host } from './host.ts';
import { url } from './ipam.ts';

/** Stands before the server on a node, and cuts the connection of each call whose path matches. */
export class CuttingProxy {
  readonly url = 'http://127.0.0.1:8081';
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** Listens when this is done. */
  static async start(host: Host, cut: RegExp): Promise<CuttingProxy> {
    const child = host.start(process.execPath, ['--input-type=module', '-e', program, url, cut.source]);
    await once(child.stdout ?? child, 'data');
    return new CuttingProxy(child);
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill();
    await ended;
  }
}

const program = `
import { createServer, request } from 'node:http';
const [server, cut] = process.argv.slice(1);
createServer((call, answer) => {
  if (new RegExp(cut).test(call.url)) {
    call.socket.destroy();
    return;
  }
  const { method, headers } = call;
  call.pipe(request(server + call.url, { method, headers }, (from) => {
    answer.writeHead(from.statusCode, from.headers);
    from.pipe(answer);
  }));
}).listen(8081, '127.0.0.1', () => console.log('ready'));
`;
