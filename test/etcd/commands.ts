import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { EtcdConnection } from '../../ipam-server/store/etcd/connection.ts';
import { currentKey, leaderKey } from '../../ipam-server/store/etcd/layout.ts';
import type { RangeResponse } from '../../ipam-server/store/etcd/messages.ts';
import { program } from '../server/process.ts';

const run = promisify(execFile);

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a subcommand of the built server to its end. */
export async function command(...args: string[]): Promise<Ended> {
  try {
    return { code: 0, ...(await run(process.execPath, [program, ...args])) };
  } catch (error) {
    return error as Ended;
  }
}

/** A figure or word of what a subcommand has told of a ledger. */
export function told({ stdout }: Ended, what: string): string {
  return new RegExp(`^${what} +(\\S+)$`, 'm').exec(stdout)?.[1] ?? '';
}

/** A part of etcd as tests look at it and damage it. */
export class Keys {
  readonly #connection: EtcdConnection;
  readonly prefix: string;

  constructor(connection: EtcdConnection, prefix: string) {
    this.#connection = connection;
    this.prefix = prefix;
  }

  /** All under the prefix and a further text, in their order. */
  async all(under = ''): Promise<string[]> {
    const key = `${this.prefix}${under}`;
    const request = { key, range_end: `${key}\x7f`, keys_only: true };
    const { kvs } = await this.#connection.call<RangeResponse>('KV', 'Range', request);
    return kvs.map((each) => each.key);
  }

  /** The names of the ledgers, served or not. */
  async ledgers(): Promise<string[]> {
    const names = (await this.all()).map((key) => key.slice(this.prefix.length).split('/'));
    return [...new Set(names.filter(({ length }) => length > 1).map(([name = '']) => name))];
  }

  async current(): Promise<string> {
    return this.value(currentKey(this.prefix));
  }

  /** Empty where there is none. */
  async value(key: string): Promise<string> {
    const { kvs } = await this.#connection.call<RangeResponse>('KV', 'Range', { key });
    return kvs[0]?.value ?? '';
  }

  async put(key: string, value: string): Promise<void> {
    await this.#do({ request_put: { key, value } });
  }

  async remove(key: string): Promise<void> {
    await this.#do({ request_delete_range: { key } });
  }

  /** As if the lease of a process that was killed had ended. */
  async endTerm(): Promise<void> {
    await this.remove(leaderKey(this.prefix));
  }

  async #do(operation: object): Promise<void> {
    await this.#connection.call('KV', 'Txn', { compare: [], success: [operation], failure: [] });
  }
}
