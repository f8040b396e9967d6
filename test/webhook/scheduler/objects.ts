/** What Kubernetes' scheduler reads of nodes and pods; Go prints an absent field as null now and then. */
type Maybe<Value> = Value | null | undefined;
type Texts = Readonly<Record<string, string>>;

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

export interface Node {
  readonly name: string;
  readonly labels: Texts;
  readonly taints: readonly Taint[];
  /** What pods may still ask for, of each resource. */
  readonly free: Readonly<Record<string, number>>;
}

export interface Requirement {
  readonly key?: Maybe<string>;
  readonly operator?: Maybe<string>;
  readonly values?: Maybe<readonly string[]>;
}

export interface Term {
  readonly matchExpressions?: Maybe<readonly Requirement[]>;
  readonly matchFields?: Maybe<readonly Requirement[]>;
}

export interface Toleration {
  readonly key?: Maybe<string>;
  readonly operator?: Maybe<string>;
  readonly value?: Maybe<string>;
  readonly effect?: Maybe<string>;
}

type Quantities = Maybe<Readonly<Record<string, unknown>>>;

export interface Container {
  readonly restartPolicy?: Maybe<string>;
  readonly resources?: Maybe<{ readonly requests?: Quantities; readonly limits?: Quantities }>;
}

export interface PodSpec {
  readonly nodeSelector?: Maybe<Texts>;
  readonly affinity?: Maybe<{
    readonly nodeAffinity?: Maybe<{
      readonly requiredDuringSchedulingIgnoredDuringExecution?: Maybe<{
        readonly nodeSelectorTerms?: Maybe<readonly Maybe<Term>[]>;
      }>;
    }>;
  }>;
  readonly tolerations?: Maybe<readonly Toleration[]>;
  readonly containers?: Maybe<readonly Container[]>;
  readonly initContainers?: Maybe<readonly Container[]>;
}
