import type { Authority, Contents } from './contents.ts';

/** What was found under the Secret's name. */
export type SecretView =
  | { readonly kind: 'absent' }
  | { readonly kind: 'good'; readonly contents: Contents }
  /** Ours, but not to be used as it is; `authorities` is what could still be read. */
  | { readonly kind: 'damaged'; readonly reason: string; readonly authorities: readonly Authority[] }
  /** Somebody else's: never written to. */
  | { readonly kind: 'foreign'; readonly reason: string };

/** One entry of a webhook configuration. */
export interface EntryView {
  readonly name: string;
  /** The decoded caBundle, '' without one. */
  readonly bundle: string;
  readonly authorities: readonly Authority[];
}

/** A MutatingWebhookConfiguration or ValidatingWebhookConfiguration. */
export interface ConfigurationView {
  readonly kind: string;
  readonly entries: readonly EntryView[];
}

/**
 * What one look at the API server showed. The configurations are read before the Secret: what they carry was in
 * the Secret before, so that a Secret that was read later is never older than they are.
 */
export interface View<Configuration extends ConfigurationView = ConfigurationView> {
  readonly secret: SecretView;
  readonly configurations: readonly Configuration[];
  /** The API server's clock, in milliseconds since 1970: it is the one that judges certificates. */
  readonly now: number;
}

/** The authorities that every configuration carries in each of its entries. */
export function trustedEverywhere(configurations: readonly ConfigurationView[]): ReadonlySet<string> {
  const [first, ...others] = configurations
    .flatMap(({ entries }) => entries)
    .map(({ authorities }) => new Set(authorities.map(({ id }) => id)));
  return new Set([...(first ?? [])].filter((id) => others.every((other) => other.has(id))));
}
