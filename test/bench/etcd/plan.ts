/** How much is measured. */
export interface Plan {
  /** Rounds in which every side has its turn, on new members of etcd. */
  readonly rounds: number;
  /** Seconds of each side's load. */
  readonly seconds: number;
  /** The same for three members. */
  readonly threeMembers: { readonly rounds: number; readonly seconds: number };
  /** Leases of the small ledger, and at which sizes the large one is looked at while it grows. */
  readonly small: number;
  readonly sizes: readonly number[];
  /** Starts at each size. */
  readonly starts: number;
  /** Pairs of loads on the large and the small ledger, and allocations of each. */
  readonly pairs: { readonly count: number; readonly allocations: number };
  /** How often a leader of the large and of the small ledger goes, in each way. */
  readonly takeOvers: { readonly large: number; readonly small: number };
  /** Leases that are released and allocated anew. */
  readonly churn: number;
  /** Pods that come and go one after the other. */
  readonly oneByOne: number;
}

/** `quick` tries whether all of it works; its figures mean nothing. */
export const plans: Readonly<Record<'whole' | 'quick', Plan>> = {
  whole: {
    rounds: 5,
    seconds: 3,
    threeMembers: { rounds: 3, seconds: 3 },
    small: 1_000,
    sizes: [100_000, 200_000, 300_000],
    starts: 3,
    pairs: { count: 5, allocations: 5_000 },
    takeOvers: { large: 3, small: 4 },
    churn: 100_000,
    oneByOne: 3_000,
  },
  quick: {
    rounds: 1,
    seconds: 1,
    threeMembers: { rounds: 1, seconds: 1 },
    small: 100,
    sizes: [2_000, 5_000],
    starts: 1,
    pairs: { count: 1, allocations: 500 },
    takeOvers: { large: 1, small: 1 },
    churn: 2_000,
    oneByOne: 100,
  },
};
