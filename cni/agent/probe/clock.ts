/** Time and its alarm; both are a test's to move. */
export interface Clock {
  /** Milliseconds; only forward. */
  now(): number;
  /** @returns what calls it off */
  after(milliseconds: number, act: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, act) => {
    const timer = setTimeout(act, milliseconds);
    return () => clearTimeout(timer);
  },
};
