import { etcd } from '../../parts/catalogue.ts';
import { allocation, batchOf, put } from '../bodies.ts';
import { httpLoad, type Load } from '../load.ts';
import { grpcPuts } from './grpc-puts.ts';
import type { LedgerServer } from './ledger-server.ts';
import type { Members } from './members.ts';

/** What sides work on: all of it new in each round. */
export interface Stage {
  /** The IPAM server on members of its own. */
  readonly ledger: LedgerServer;
  /** The same program on SQLite. */
  readonly sqlite: LedgerServer;
  /** Others of the same make, which only puts go to. */
  readonly peer: Members;
}

/** Clients of all that isn't said to have more or fewer. */
const many = 64;
/** Clients that send batches. */
const senders = 8;

/** Allocations or puts a second, and the p99 of calls. */
export type Side = (stage: Stage, seconds: number) => Promise<Load>;

function allocations(server: 'ledger' | 'sqlite', clients: number): Side {
  return (stage, seconds) =>
    httpLoad(`${stage[server].url}/v1/allocations`, allocation, { clients, seconds });
}

function batches(server: 'ledger' | 'sqlite', size: number): Side {
  return async (stage, seconds) => {
    const url = `${stage[server].url}/v1/allocations:batch`;
    const load = await httpLoad(url, batchOf(size), { clients: senders, seconds });
    return { ...load, perSecond: load.perSecond * size };
  };
}

function gateway(clients: number): Side {
  return ({ peer }, seconds) => httpLoad(`${peer.urls[0]}/v3/kv/put`, put, { clients, seconds });
}

function grpc(inFlight: number, perTransaction?: number): Side {
  return ({ peer }, seconds) =>
    grpcPuts(new URL(peer.urls[0] ?? '').host, {
      inFlight,
      seconds,
      ...(perTransaction !== undefined && { perTransaction }),
    });
}

export const sides = {
  single: allocations('ledger', many),
  alone: allocations('ledger', 1),
  batch500: batches('ledger', 500),
  batch1000: batches('ledger', 1_000),
  sqliteSingle: allocations('sqlite', many),
  sqliteBatch500: batches('sqlite', 500),
  gateway: gateway(many),
  gatewayAlone: gateway(1),
  grpc: grpc(many),
  grpcAlone: grpc(1),
  grpcMany: grpc(512),
  grpcTransactions: grpc(32, 128),
} as const satisfies Readonly<Record<string, Side>>;

export type SideName = keyof typeof sides;

export const conditions = {
  many: `${many} clients`,
  alone: '1 client',
  batches: `${senders} clients, batches of`,
} as const;

/** What the others are called. */
export const peers = {
  gateway: `etcd ${etcd.version}, puts through its JSON gateway`,
  grpc: `etcd ${etcd.version}, puts through gRPC`,
  grpcMany: `etcd ${etcd.version}, puts through gRPC, 512 on their way`,
  grpcTransactions: `etcd ${etcd.version}, transactions of 128 puts through gRPC, 32 on their way`,
  sqlite: 'realip on SQLite',
} as const;
