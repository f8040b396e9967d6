import { ipResource } from '../policy/names.ts';
import type { Texts } from '../policy/pod.ts';

/** The part of a Node that repair reads. */
export interface RawNode {
  readonly metadata: { readonly name: string; readonly labels?: Texts | null };
  readonly spec?: { readonly unschedulable?: boolean | null; readonly taints?: readonly Taint[] | null };
  readonly status?: {
    readonly allocatable?: Readonly<Record<string, string>> | null;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[] | null;
  };
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

/** What is remembered of a node. */
export interface StoredNode {
  readonly name: string;
  readonly labels: Texts;
  readonly taints: readonly Taint[];
  /** Whether the scheduler may put pods there now: it is ready and not cordoned. */
  readonly isOpen: boolean;
  /** How many `realip.io/ip` it offers. */
  readonly addresses: number;
}

export function storedNode({ metadata, spec, status }: RawNode): StoredNode {
  const isReady = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True');
  return {
    name: metadata.name,
    labels: metadata.labels ?? {},
    taints: spec?.taints ?? [],
    isOpen: isReady === true && spec?.unschedulable !== true,
    addresses: Number(status?.allocatable?.[ipResource] ?? 0) || 0,
  };
}
