/** Milliseconds and numbers of RFC 5227 §1.1. IPv6 is asked with the same patience: RFC 4862 asks once, for a second. */
export const rfc5227 = {
  /** The first question waits for up to so long, so that hosts which start together don't ask together. */
  probeWait: 1000,
  probes: 3,
  /** Between two questions. */
  probeMin: 1000,
  probeMax: 2000,
  /** How long after the last question somebody may still object. */
  announceWait: 2000,
  /** After so many conflicts in a row … */
  maxConflicts: 10,
  /** … only one new address is begun in so long. */
  rateLimitInterval: 60_000,
} as const;
