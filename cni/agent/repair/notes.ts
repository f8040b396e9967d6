/** What can be put right again, as the metric `realip_agent_repairs_total{kind}` names it. */
export const repairKinds = [
  /** The shim was gone, down or half made. */
  'shim',
  /** The host's route or permanent neighbour towards a pod. */
  'host-way',
  /** The same, left of a pod that is gone. */
  'leftover-way',
  /** The node's answering for a pod behind it. */
  'proxy',
  /** A pod's MTU, after the master's had been lowered for a while. */
  'mtu',
  /** A pod's interface that was left because its DEL never came. */
  'missed-del',
  /** A pod's interface whose addresses were taken away while the node was fenced. */
  'revoked',
] as const;
export type RepairKind = (typeof repairKinds)[number];

/** What is wrong and stays so until somebody acts, as the metric `realip_agent_faults{kind}` names it. */
export const faultKinds = [
  'master-gone',
  'master-replaced',
  'master-renamed',
  'mtu-lowered',
  'unseen',
  'cri-away',
  'forgotten-stays',
  'revoked-stays',
  'repair-failed',
] as const;
export type FaultKind = (typeof faultKinds)[number];

/** Where notes are said: a log. */
export interface NoteLog {
  info(message: string): void;
  warn(message: string): void;
}

/** What was put right, and what is wrong: counted, and each said once. */
export class Notes {
  readonly #log: NoteLog;
  readonly #repairs = new Map<RepairKind, number>(repairKinds.map((kind) => [kind, 0]));
  readonly #faults = new Map<FaultKind, readonly string[]>();

  constructor(log: NoteLog) {
    this.#log = log;
  }

  /** How often something of each kind was put right since the start. */
  get repairs(): ReadonlyMap<RepairKind, number> {
    return this.#repairs;
  }

  /** What is wrong now, in sentences. */
  get faults(): ReadonlyMap<FaultKind, readonly string[]> {
    return new Map(faultKinds.map((kind) => [kind, this.#faults.get(kind) ?? []]));
  }

  repaired(kind: RepairKind, words: string): void {
    this.#repairs.set(kind, (this.#repairs.get(kind) ?? 0) + 1);
    this.#log.info(words);
  }

  /** From now on these are the faults of a kind; those that are new are said, and the end of all of them. */
  faulty(kind: FaultKind, words: readonly string[]): void {
    const before = this.#faults.get(kind) ?? [];
    for (const each of words.filter((each) => !before.includes(each))) {
      this.#log.warn(each);
    }
    if (words.length === 0 && before.length > 0) {
      this.#log.info(`no longer: ${before.join('; ')}`);
    }
    this.#faults.set(kind, words);
  }
}
