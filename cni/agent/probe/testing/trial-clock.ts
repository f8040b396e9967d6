import type { Clock } from '../clock.ts';

/** Time that goes forward when it is told to. */
export class TrialClock implements Clock {
  #now = 1000;
  readonly #alarms = new Map<object, { readonly at: number; readonly act: () => void }>();

  now(): number {
    return this.#now;
  }

  after(milliseconds: number, act: () => void): () => void {
    const alarm = {};
    this.#alarms.set(alarm, { at: this.#now + milliseconds, act });
    return () => this.#alarms.delete(alarm);
  }

  /** How many alarms are set. */
  get alarms(): number {
    return this.#alarms.size;
  }

  /** Lets so much time pass, alarm by alarm, and what waits for them go on. */
  async pass(milliseconds: number): Promise<void> {
    const until = this.#now + milliseconds;
    for (;;) {
      const [next] = [...this.#alarms]
        .filter(([, { at }]) => at <= until)
        .sort(([, a], [, b]) => a.at - b.at);
      if (next === undefined) {
        break;
      }
      const [alarm, { at, act }] = next;
      this.#alarms.delete(alarm);
      this.#now = Math.max(this.#now, at);
      act();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#now = until;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
