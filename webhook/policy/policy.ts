import type { Static } from 'typebox';
import type { Texts } from './pod.ts';
import type { policyFile, requirementShape, tolerationShape } from './schema.ts';

/** The policy as its author wrote it, once its shape is right. */
export type PolicyFile = Static<typeof policyFile>;
export type ZoneFile = PolicyFile['zones'][string];
export type RuleFile = NonNullable<PolicyFile['rules']>[number];
export type DnsFile = NonNullable<ZoneFile['dns']>;
export type Toleration = Static<typeof tolerationShape>;
export type ZoneType = NonNullable<ZoneFile['type']>;

/** A condition on a node's labels, as in a pod's node affinity; absent `values` are none. */
export type NodeRequirement = Static<typeof requirementShape>;

/** The DNS of a zone's pods: the cluster's, or the company's servers directly. */
export type ZoneDns =
  | { readonly policy: 'keep' }
  | {
      readonly policy: 'company';
      readonly nameservers: readonly string[];
      readonly search: readonly string[];
    };

/** A group of nodes that pods are placed on, and what a pod needs to land there; all inherited is in it. */
export interface Zone {
  readonly name: string;
  /** The zone of which this is a part (a room, a rack), or null. */
  readonly within: string | null;
  readonly type: ZoneType;
  readonly nodeSelector: Texts;
  readonly matchExpressions: readonly NodeRequirement[];
  readonly tolerations: readonly Toleration[];
  /** Whether a pod asks the scheduler for `realip.io/ip`. */
  readonly ipResource: boolean;
  readonly dns: ZoneDns;
  /** Whether a pod may ask for addresses by `realip.io/addresses`. */
  readonly fixedAddresses: boolean;
}

/** Conditions are AND; an empty one is no condition. */
export interface Match {
  /** OR, with `*`. */
  readonly namespaces: readonly string[];
  /** AND; they match nothing where the namespace's labels are unknown. */
  readonly namespaceLabels: Texts;
  /** AND, the pod's. */
  readonly labels: Texts;
  /** OR: kinds of the controller, or `none` for a bare pod. */
  readonly ownerKinds: readonly string[];
  /** OR, with `*`: `name` in any namespace, or `namespace/name`. */
  readonly serviceAccounts: readonly string[];
}

export interface Rule {
  readonly name: string;
  readonly match: Match;
  /** With the rule's own settings in it; null is `none`: pods that match are left alone. */
  readonly zone: Zone | null;
}

/** What `--repair` may do about pods that slipped through, beyond telling. */
export interface Repair {
  readonly evict: readonly ('unplaced' | 'wrong-zone')[];
  /** OR, with `*`: where it may evict. */
  readonly namespaces: readonly string[];
  /** How long a pod must have been there. */
  readonly afterMs: number;
}

/** A policy whose every reference is resolved and checked. */
export interface Policy {
  readonly zones: ReadonlyMap<string, Zone>;
  readonly rules: readonly Rule[];
  readonly default: Zone | null;
  readonly repair: Repair;
}
