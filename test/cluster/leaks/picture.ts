/** A pod as the API server has it. */
export interface SeenPod {
  /** namespace/name */
  readonly name: string;
  /** Undefined while the scheduler hasn't placed it. */
  readonly node?: string | undefined;
  readonly hostNetwork: boolean;
  /** `over` is Succeeded or Failed: it has no address any more. */
  readonly phase: 'starting' | 'running' | 'ending' | 'over';
  readonly addresses: readonly string[];
}

/** An allocation as the ledger has it. */
export interface SeenAllocation {
  readonly node: string;
  readonly containerId: string;
  /** namespace/name, where the ledger knows it */
  readonly pod?: string | undefined;
  readonly mac: string;
  readonly addresses: readonly string[];
}

/** An interface, other than `lo`; its addresses are those of global scope. */
export interface SeenLink {
  readonly name: string;
  readonly kind: string;
  readonly mac: string;
  readonly addresses: readonly string[];
}

/** What a node's kernel has for an address: a route, a neighbour, an entry of a proxy. */
export interface SeenEntry {
  readonly address: string;
  readonly device: string;
  readonly mac?: string | undefined;
}

/** A node as its kernel has it. */
export interface SeenNode {
  readonly name: string;
  /** In the node's own network namespace. */
  readonly links: readonly SeenLink[];
  /** Routes to one address. */
  readonly routes: readonly SeenEntry[];
  /** Permanent ones. */
  readonly neighbours: readonly SeenEntry[];
  readonly proxies: readonly SeenEntry[];
  /** All other network namespaces. */
  readonly namespaces: readonly { readonly name: string; readonly links: readonly SeenLink[] }[];
}

/** What API server, ledger and kernels say at one moment. */
export interface Picture {
  /** The networks of which the ledger gives addresses. */
  readonly subnets: readonly string[];
  /** The nodes whose pods have such addresses. */
  readonly realNodes: readonly string[];
  readonly pods: readonly SeenPod[];
  readonly allocations: readonly SeenAllocation[];
  /** The ledger's word on each address that is not free. */
  readonly states: readonly { readonly address: string; readonly state: string }[];
  /** Only nodes that are on. */
  readonly nodes: readonly SeenNode[];
}
