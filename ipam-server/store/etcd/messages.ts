/** etcd's messages as api.ts describes them, as far as the store reads and writes them; 64-bit numbers are text. */
export interface KeyValue {
  readonly key: string;
  readonly value: string;
  readonly create_revision: string;
  readonly mod_revision: string;
  readonly lease: string;
}

export interface RangeRequest {
  readonly key: string;
  /** Keys before it; with it alone absent, the one key. */
  readonly range_end?: string;
  readonly limit?: number;
  /** As things were at this revision. */
  readonly revision?: string;
  readonly keys_only?: boolean;
  readonly count_only?: boolean;
}

interface Header {
  readonly revision: string;
}

export interface RangeResponse {
  readonly header: Header;
  readonly kvs: readonly KeyValue[];
  readonly more: boolean;
  readonly count: string;
}

export type Operation =
  | { readonly request_put: { readonly key: string; readonly value: string; readonly lease?: string } }
  | { readonly request_delete_range: { readonly key: string; readonly range_end?: string } }
  | { readonly request_range: RangeRequest };

/** What must hold, or the other half of the transaction is done; `result` 0 is “equal”. */
export type Compare =
  | { readonly result: 0; readonly target: 1; readonly key: string; readonly create_revision: string }
  | { readonly result: 0; readonly target: 3; readonly key: string; readonly value: string };

export interface Transaction {
  readonly compare: readonly Compare[];
  readonly success: readonly Operation[];
  readonly failure: readonly Operation[];
}

export interface TransactionResponse {
  readonly header: Header;
  readonly succeeded: boolean;
  readonly responses: readonly { readonly response_range?: RangeResponse | null }[];
}

export interface WatchEvent {
  /** 0 put, 1 deleted. */
  readonly type: 0 | 1;
  readonly kv: KeyValue;
}

export interface WatchResponse {
  readonly header: Header;
  readonly created: boolean;
  readonly canceled: boolean;
  readonly compact_revision: string;
  readonly cancel_reason: string;
  /** More events of the same revision follow in the next response. */
  readonly fragment: boolean;
  readonly events: readonly WatchEvent[];
}

export interface StatusResponse {
  readonly version: string;
  readonly dbSize: string;
  readonly dbSizeQuota: string;
  readonly errors: readonly string[];
}
