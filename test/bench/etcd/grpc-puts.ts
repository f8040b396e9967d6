import { credentials, loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import { itemsOf, record } from '../bodies.ts';
import { closedLoop } from '../closed-loop.ts';
import type { Load } from '../load.ts';

/** What of etcd's API (api/etcdserverpb/rpc.proto) makes puts; answers are not looked into, as they are not over HTTP. */
const definition = fromJSON(
  // Its type wants a comment of every method, which the loader never reads.
  {
    nested: {
      etcdserverpb: {
        nested: {
          KV: {
            methods: {
              Put: { requestType: 'PutRequest', responseType: 'Answer' },
              Txn: { requestType: 'TxnRequest', responseType: 'TxnAnswer' },
            },
          },
          PutRequest: { fields: { key: { type: 'string', id: 1 }, value: { type: 'string', id: 2 } } },
          RequestOp: {
            oneofs: { request: { oneof: ['request_put'] } },
            fields: { request_put: { type: 'PutRequest', id: 2 } },
          },
          TxnRequest: { fields: { success: { type: 'RequestOp', id: 2, rule: 'repeated' } } },
          Answer: { fields: {} },
          TxnAnswer: { fields: { succeeded: { type: 'bool', id: 2 } } },
        },
      },
    },
  } as unknown as Parameters<typeof fromJSON>[0],
  { keepCase: true, oneofs: true },
);

const { KV } = loadPackageDefinition(definition)['etcdserverpb'] as unknown as {
  KV: ServiceClientConstructor;
};

/** How a load of puts is made. */
export interface PutShape {
  /** Calls that are on their way at any time, over one connection. */
  readonly inFlight: number;
  readonly seconds: number;
  /** Puts of a transaction; single puts without. */
  readonly perTransaction?: number;
}

/**
 * Puts through etcd's gRPC, each call sent when another was answered.
 *
 * @param target host:port
 * @returns the rate of puts, the p99 of calls
 * @throws Error when one fails
 */
export async function grpcPuts(
  target: string,
  { inFlight, seconds, perTransaction }: PutShape,
): Promise<Load> {
  const client = new KV(target, credentials.createInsecure());
  const call = (serial: number): Promise<unknown> =>
    perTransaction === undefined
      ? ask(client, 'Put', record(serial))
      : ask(client, 'Txn', {
          success: itemsOf(serial, perTransaction, (each) => ({ request_put: record(each) })),
        });
  try {
    const load = await closedLoop(call, { inFlight, seconds });
    return { ...load, perSecond: load.perSecond * (perTransaction ?? 1) };
  } finally {
    client.close();
  }
}

function ask(client: InstanceType<typeof KV>, method: 'Put' | 'Txn', request: object): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client[method]?.call(client, request, (error: Error | null, answer: unknown) =>
      error === null ? resolve(answer) : reject(error),
    );
  });
}
