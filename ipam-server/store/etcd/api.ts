import { loadPackageDefinition, type ServiceClientConstructor } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';

/**
 * The part of etcd's API (api/etcdserverpb/rpc.proto of etcd 3.4, unchanged since) that the store calls. Keys and
 * values are declared as strings, which travel as bytes do: the ledger's are UTF-8, and need no Buffer between.
 */
type Field = readonly [type: string, id: number, rule?: 'repeated'];

function message(
  fields: Readonly<Record<string, Field>>,
  union?: { readonly [name: string]: readonly string[] },
) {
  const described = Object.entries(fields).map(([name, [type, id, rule]]) => [
    name,
    { type, id, ...(rule && { rule }) },
  ]);
  const oneofs = Object.entries(union ?? {}).map(([name, oneof]) => [name, { oneof }]);
  return { fields: Object.fromEntries(described), ...(union && { oneofs: Object.fromEntries(oneofs) }) };
}

const streamed = { requestStream: true, responseStream: true };
const header: Field = ['ResponseHeader', 1];

const etcdserverpb = {
  KV: {
    methods: {
      Range: { requestType: 'RangeRequest', responseType: 'RangeResponse' },
      Txn: { requestType: 'TxnRequest', responseType: 'TxnResponse' },
    },
  },
  Lease: {
    methods: {
      LeaseGrant: { requestType: 'LeaseGrantRequest', responseType: 'LeaseGrantResponse' },
      LeaseRevoke: { requestType: 'LeaseRevokeRequest', responseType: 'LeaseRevokeResponse' },
      LeaseKeepAlive: {
        requestType: 'LeaseKeepAliveRequest',
        responseType: 'LeaseKeepAliveResponse',
        ...streamed,
      },
    },
  },
  Watch: { methods: { Watch: { requestType: 'WatchRequest', responseType: 'WatchResponse', ...streamed } } },
  Maintenance: { methods: { Status: { requestType: 'StatusRequest', responseType: 'StatusResponse' } } },
  Auth: {
    methods: { Authenticate: { requestType: 'AuthenticateRequest', responseType: 'AuthenticateResponse' } },
  },

  ResponseHeader: message({ revision: ['int64', 3] }),
  KeyValue: message({
    key: ['string', 1],
    create_revision: ['int64', 2],
    mod_revision: ['int64', 3],
    value: ['string', 5],
    lease: ['int64', 6],
  }),
  RangeRequest: message({
    key: ['string', 1],
    range_end: ['string', 2],
    limit: ['int64', 3],
    revision: ['int64', 4],
    keys_only: ['bool', 8],
    count_only: ['bool', 9],
  }),
  RangeResponse: message({
    header,
    kvs: ['KeyValue', 2, 'repeated'],
    more: ['bool', 3],
    count: ['int64', 4],
  }),
  PutRequest: message({ key: ['string', 1], value: ['string', 2], lease: ['int64', 3] }),
  DeleteRangeRequest: message({ key: ['string', 1], range_end: ['string', 2] }),
  RequestOp: message(
    {
      request_range: ['RangeRequest', 1],
      request_put: ['PutRequest', 2],
      request_delete_range: ['DeleteRangeRequest', 3],
    },
    { request: ['request_range', 'request_put', 'request_delete_range'] },
  ),
  ResponseOp: message({ response_range: ['RangeResponse', 1] }, { response: ['response_range'] }),
  Compare: message(
    {
      result: ['int32', 1],
      target: ['int32', 2],
      key: ['string', 3],
      create_revision: ['int64', 5],
      value: ['string', 7],
    },
    { target_union: ['create_revision', 'value'] },
  ),
  TxnRequest: message({
    compare: ['Compare', 1, 'repeated'],
    success: ['RequestOp', 2, 'repeated'],
    failure: ['RequestOp', 3, 'repeated'],
  }),
  TxnResponse: message({ header, succeeded: ['bool', 2], responses: ['ResponseOp', 3, 'repeated'] }),
  LeaseGrantRequest: message({ TTL: ['int64', 1], ID: ['int64', 2] }),
  LeaseGrantResponse: message({ header, ID: ['int64', 2], TTL: ['int64', 3] }),
  LeaseRevokeRequest: message({ ID: ['int64', 1] }),
  LeaseRevokeResponse: message({ header }),
  LeaseKeepAliveRequest: message({ ID: ['int64', 1] }),
  LeaseKeepAliveResponse: message({ header, ID: ['int64', 2], TTL: ['int64', 3] }),
  WatchCreateRequest: message({
    key: ['string', 1],
    range_end: ['string', 2],
    start_revision: ['int64', 3],
    fragment: ['bool', 8],
  }),
  WatchRequest: message({ create_request: ['WatchCreateRequest', 1] }, { request_union: ['create_request'] }),
  WatchResponse: message({
    header,
    created: ['bool', 3],
    canceled: ['bool', 4],
    compact_revision: ['int64', 5],
    cancel_reason: ['string', 6],
    fragment: ['bool', 7],
    events: ['Event', 11, 'repeated'],
  }),
  Event: message({ type: ['int32', 1], kv: ['KeyValue', 2] }),
  StatusRequest: message({}),
  StatusResponse: message({
    header,
    version: ['string', 2],
    dbSize: ['int64', 3],
    leader: ['uint64', 4],
    errors: ['string', 8, 'repeated'],
    dbSizeQuota: ['int64', 12],
  }),
  AuthenticateRequest: message({ name: ['string', 1], password: ['string', 2] }),
  AuthenticateResponse: message({ header, token: ['string', 2] }),
};

/** 64-bit numbers come as text: lease ids fill all bits, and revisions are made numbers where they are counted with. */
const definition = fromJSON(
  // Its type wants a comment of every method, which the loader never reads.
  { nested: { etcdserverpb: { nested: etcdserverpb } } } as Parameters<typeof fromJSON>[0],
  { keepCase: true, longs: String, defaults: true, arrays: true, oneofs: true },
);

type Services = Readonly<Record<'KV' | 'Lease' | 'Watch' | 'Maintenance' | 'Auth', ServiceClientConstructor>>;

/** Makers of clients of etcd's services. */
export const services = loadPackageDefinition(definition)['etcdserverpb'] as unknown as Services;
