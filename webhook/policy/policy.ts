import type { Static } from 'typebox';
import type { Texts } from './pod.ts';
import type { policyFile, tolerationShape } from './schema.ts';

export type PolicyFile = Static<typeof policyFile>;
export type Toleration = Static<typeof tolerationShape>;
export type ZoneType = PolicyFile['zones'][string]['type'];

/** The DNS of a zone's pods: the cluster's, or the company's servers directly. */
export type ZoneDns =
  | { readonly policy: 'keep' }
  | {
      readonly policy: 'company';
      readonly nameservers: readonly string[];
      readonly search: readonly string[];
    };

/** A group of nodes that pods are placed on, and what a pod needs to land there. */
export interface Zone {
  readonly name: string;
  readonly type: ZoneType;
  readonly nodeSelector: Texts;
  readonly tolerations: readonly Toleration[];
  /** Whether a pod asks the scheduler for `realip.io/ip`. */
  readonly ipResource: boolean;
  readonly dns: ZoneDns;
}

/** Conditions are AND; an empty one is no condition. */
export interface Match {
  readonly namespaces: readonly string[];
  readonly labels: Texts;
}

export interface Rule {
  readonly name: string;
  readonly match: Match;
  /** null is `none`: pods that match are left alone. */
  readonly zone: Zone | null;
}

/** A policy whose every reference is resolved and checked. */
export interface Policy {
  readonly zones: ReadonlyMap<string, Zone>;
  readonly rules: readonly Rule[];
  readonly default: Zone | null;
}
