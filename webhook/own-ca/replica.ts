import type { Contents, Serving } from './contents.ts';
import { nextStep, type Step } from './next-step.ts';
import { freshMs, type OwnCaSettings, settleMs } from './settings.ts';
import { type ConfigurationView, trustedEverywhere, type View } from './view.ts';

/** Something that has been so without a break since a time of a clock that only goes forward. */
interface Since {
  readonly what: string;
  readonly at: number;
}

/**
 * What one replica knows and serves: a state machine that is told what was seen and when. Pure; times `at` are
 * milliseconds of a clock that only goes forward (wall clocks step), except for the API server's, which judges
 * certificates.
 */
export class Replica {
  readonly #settings: OwnCaSettings;
  #seen: { readonly view: View; readonly began: number } | null = null;
  #inUse: Serving | null = null;
  #next: Serving | null = null;
  /** The issuer of the Secret's certificate is trusted by every configuration. */
  #agreed: Since | null = null;
  /** The same, with one and the same list of trusted ones. */
  #unchanged: Since | null = null;

  constructor(settings: OwnCaSettings) {
    this.#settings = settings;
  }

  /** The certificate that new connections get; null before the first is agreed on. */
  get inUse(): Serving | null {
    return this.#inUse;
  }

  /**
   * Takes a look at the API server in, which took from `began` to `ended`.
   *
   * @returns what is to be done about it
   */
  saw<Configuration extends ConfigurationView>(
    view: View<Configuration>,
    began: number,
    ended: number,
  ): Step<Configuration> {
    if (ended - began > freshMs(this.#settings) / 4) {
      // What was read first may have changed since: nothing is concluded from it.
      return { kind: 'rest' };
    }
    const wasAway = this.#seen !== null && began - this.#seen.began > freshMs(this.#settings);
    this.#seen = { view, began };
    const { secret, configurations } = view;
    const contents = secret.kind === 'good' ? secret.contents : null;
    const issuer = contents?.serving.issuer;
    const isAgreed = issuer !== undefined && trustedEverywhere(configurations).has(issuer);
    this.#next = contents?.serving ?? null;
    this.#agreed = isAgreed ? since(this.#agreed, issuer, ended) : null;
    this.#unchanged = isAgreed && contents !== null ? since(this.#unchanged, listOf(contents), ended) : null;
    this.advance(ended);
    if (wasAway && this.#inUse?.id !== this.#next?.id) {
      // The others have waited long enough for this one: its certificate's CA may be taken out at any moment.
      this.#inUse = null;
    }
    const overlapIsOver = this.#unchanged !== null && ended - this.#unchanged.at >= this.#settings.overlapMs;
    return nextStep(view, this.#settings, overlapIsOver);
  }

  /** Puts the Secret's certificate in use once every API server must have heard of its CA. */
  advance(at: number): void {
    const { settled } = this;
    if (settled !== null && at >= settled && this.#next !== null) {
      this.#inUse = this.#next;
    }
  }

  /** When the Secret's certificate can be put in use; null when that isn't known or it is so already. */
  get settled(): number | null {
    return this.#agreed === null || this.#next?.id === this.#inUse?.id ? null : this.#agreed.at + settleMs;
  }

  /** Why the API server must not call here, or null when it may. */
  notReady(at: number): string | null {
    this.advance(at);
    if (this.#seen === null) {
      return 'the CA’s Secret has not been read yet';
    }
    const { view, began } = this.#seen;
    if (view.secret.kind === 'foreign') {
      return view.secret.reason;
    }
    if (at - began > freshMs(this.#settings)) {
      return `Secret and webhook configurations could not be read for ${Math.round((at - began) / 1000)} s`;
    }
    if (view.configurations.every(({ entries }) => entries.length === 0)) {
      return `there is no webhook configuration ${this.#settings.webhook}`;
    }
    return this.#whyNotTrusted(view, view.now + at - began);
  }

  #whyNotTrusted(view: View, now: number): string | null {
    const serving = this.#inUse ?? this.#next;
    if (serving === null) {
      return 'there is no serving certificate yet';
    }
    const doubting = view.configurations.find(
      (each) => each.entries.length > 0 && !trustedEverywhere([each]).has(serving.issuer),
    );
    if (doubting !== undefined) {
      return `the caBundle of the ${doubting.kind} ${this.#settings.webhook} does not trust the certificate in use`;
    }
    if (this.#inUse === null) {
      return 'the API servers are about to hear of the CA';
    }
    return this.#inUse.until <= now
      ? `the certificate in use ended on ${new Date(this.#inUse.until).toISOString()}`
      : null;
  }
}

function since(before: Since | null, what: string, at: number): Since {
  return before?.what === what ? before : { what, at };
}

function listOf({ trusted }: Contents): string {
  return trusted.map(({ id }) => id).join(' ');
}
