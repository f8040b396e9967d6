/** An address of the reserve, as `realip agent status` shows it. */
export interface ReserveStatus {
  readonly address: string;
  readonly subnet: string;
  readonly state: 'probing' | 'ready' | 'conflict';
  /** When nobody was seen to have it, last. */
  readonly probedAt?: string;
}

/** An address of a living pod that isn't the pod's alone, or that the server doesn't take for the pod's. */
export interface ConflictStatus {
  readonly address: string;
  readonly attachment: string;
  /** `namespace/name`. */
  readonly pod?: string;
  /** Of the server's refusal; `claimed` when another host was seen to use it. */
  readonly code: string;
  readonly detail: string;
  readonly since: string;
}

/** What the agent's state says of itself. */
export interface AgentStatus {
  readonly node: string;
  readonly reserve: readonly ReserveStatus[];
  /** The subnets of which there may be a reserve. */
  readonly subnets: readonly string[];
  /** How many live. */
  readonly attachments: number;
  /** How many beginnings and ends the server doesn't know of. */
  readonly untold: number;
  readonly lastSync?: string;
  readonly conflicts: readonly ConflictStatus[];
}
