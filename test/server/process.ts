import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Answer } from './answer.ts';
import { Description } from './description.ts';

const dist = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'dist');
/** The built server. */
export const program = join(dist, 'ipam-server.js');
const slowProgram = join(dist, 'slow-ipam-server.js');
/** The built SQLite thread. */
export const worker = join(dist, 'sqlite-worker.js');

/** A new folder for a suite's files; `remove` it at the end. */
export function newFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'realip-server-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export interface CallOptions {
  readonly token?: string;
  readonly headers?: Record<string, string>;
  /** Sent as it is, instead of JSON. */
  readonly raw?: string | Uint8Array;
}

/** What /openapi.json of this build says; read once, it is the same for all servers. */
let description: Description | null = null;

/** A running server: the built program in a process of its own. Each of its answers is as it describes them. */
export class Server {
  readonly url: string;
  readonly child: ChildProcessWithoutNullStreams;
  readonly #text: { out: string; err: string };

  constructor(url: string, child: ChildProcessWithoutNullStreams, text: { out: string; err: string }) {
    this.url = url;
    this.child = child;
    this.#text = text;
  }

  get stdout(): string {
    return this.#text.out;
  }

  get stderr(): string {
    return this.#text.err;
  }

  async call(method: string, path: string, json?: unknown, options: CallOptions = {}): Promise<Answer> {
    description ??= new Description((await this.#send('GET', '/openapi.json', undefined, {})).body);
    const answer = await this.#send(method, path, json, options);
    const complaint = description.complaintAbout(method, path, answer);
    if (complaint !== null) {
      throw new Error(complaint);
    }
    return answer;
  }

  #send(method: string, path: string, json: unknown, options: CallOptions): Promise<Answer> {
    const payload = options.raw ?? (json === undefined ? undefined : JSON.stringify(json));
    const headers: Record<string, string> = {
      ...(payload === undefined ? {} : { 'content-type': 'application/json' }),
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...options.headers,
    };
    const send = this.url.startsWith('https') ? httpsRequest : httpRequest;
    return new Promise((resolve, reject) => {
      const call = send(
        `${this.url}${path}`,
        { method, headers, rejectUnauthorized: false },
        async (message) => {
          let text = '';
          message.setEncoding('utf8');
          for await (const part of message) {
            text += part;
          }
          const isJson = /json/.test(message.headers['content-type'] ?? '');
          const body = isJson && text !== '' ? JSON.parse(text) : undefined;
          resolve({ status: message.statusCode ?? 0, headers: message.headers, text, body });
        },
      );
      call.on('error', reject);
      call.end(payload);
    });
  }

  /** Ends it with a signal; its exit status. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill(signal);
      await once(this.child, 'exit');
    }
    return this.child.exitCode;
  }
}

/** @param where what comes before the program: a command that starts it elsewhere */
function launch(args: readonly string[], environment: NodeJS.ProcessEnv = {}, where: readonly string[] = []) {
  const started = environment['STORE_DELAY_MS'] === undefined ? program : slowProgram;
  if (!existsSync(started)) {
    throw new Error(`${started} is not built: run npm run build`);
  }
  const [command = '', ...words] = [...where, process.execPath, started, ...args];
  const child = spawn(command, words, {
    stdio: 'pipe',
    env: { ...process.env, ...environment },
  });
  const text = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text.out += part;
  });
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    text.err += part;
  });
  return { child, text };
}

/** Starts the server on a free port of loopback (unless `args` say otherwise) and waits for its ready line. */
export function startServer(store: string, ...args: string[]): Promise<Server> {
  return startServerIn({}, store, ...args);
}

/** The same with more in its environment: KUBECONFIG, or STORE_DELAY_MS, by which each commit takes longer. */
export async function startServerIn(
  environment: NodeJS.ProcessEnv,
  store: string,
  ...args: string[]
): Promise<Server> {
  const listen = args.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
  return readyServer(launch([...listen, '--store', store, ...args], environment));
}

/** Starts it in a network namespace, with these arguments, and waits for its ready line. */
export function startServerAt(namespace: string, ...args: string[]): Promise<Server> {
  return readyServer(launch(args, {}, ['ip', 'netns', 'exec', namespace]));
}

async function readyServer({ child, text }: ReturnType<typeof launch>): Promise<Server> {
  const exited = once(child, 'exit').then(() => {
    throw new Error(`the server did not start: ${text.err}`);
  });
  exited.catch(() => {});
  for (;;) {
    const url = /https?:\/\/\S+/.exec(text.out)?.[0];
    if (url !== undefined) {
      return new Server(url, child, text);
    }
    await Promise.race([exited, once(child.stdout, 'data')]);
  }
}

/** Runs a server that is expected to refuse to start. */
export async function refusedStart(...args: string[]): Promise<{ code: number | null; stderr: string }> {
  const { child, text } = launch(args);
  const [code] = await once(child, 'close');
  return { code, stderr: text.err };
}
