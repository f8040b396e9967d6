import { type Authority, bundleOf, type Contents } from './contents.ts';
import { namesOf, type OwnCaSettings } from './settings.ts';
import type { ConfigurationView, View } from './view.ts';

/** The one thing that is to be done next; after it the world is looked at again. */
export type Step<Configuration extends ConfigurationView = ConfigurationView> =
  | { readonly kind: 'rest' }
  /** A new authority and a serving certificate of it; what was trusted stays trusted beside it. */
  | {
      readonly kind: 'make-authority';
      readonly reason: string;
      readonly keep: readonly Authority[];
      readonly retired: readonly string[];
    }
  | {
      readonly kind: 'make-serving';
      readonly reason: string;
      readonly contents: Contents;
      readonly names: readonly string[];
    }
  /** The Secret's contents with another list of who is trusted. */
  | {
      readonly kind: 'take-in' | 'retire';
      readonly contents: Contents;
      readonly changed: readonly Authority[];
    }
  | { readonly kind: 'patch'; readonly configuration: Configuration; readonly bundle: string };

/** So many are kept at most, newest first: the Secret and the configurations stay small whatever happens. */
const mostTrusted = 32;

/**
 * What is to be done about a view; pure, so that a race of replicas can be tried in every order.
 *
 * @param overlapIsOver whether everybody has had the time to serve by the first of the trusted ones
 */
export function nextStep<Configuration extends ConfigurationView>(
  { secret, configurations, now }: View<Configuration>,
  settings: OwnCaSettings,
  overlapIsOver: boolean,
): Step<Configuration> {
  const carried = distinct(
    configurations.flatMap(({ entries }) => entries.flatMap(({ authorities }) => authorities)),
  );
  switch (secret.kind) {
    case 'foreign':
      return { kind: 'rest' };
    case 'absent':
      return anew('there is no Secret', carried, []);
    case 'damaged':
      return anew(secret.reason, distinct([...secret.authorities, ...carried]), []);
    case 'good':
  }
  const { contents } = secret;
  const { trusted, serving, retired } = contents;
  const known = new Set([...retired, ...trusted.map(({ id }) => id)]);
  const strange = carried.filter(({ id }) => !known.has(id));
  const caDue = due(trusted[0], now, settings.caMs);
  if (caDue !== null) {
    return anew(`the CA ${caDue}`, [...trusted, ...strange], retired);
  }
  if (strange.length > 0) {
    // Somebody may serve by them: another replica, or the certificate's files of before.
    const [first, ...others] = trusted;
    return {
      kind: 'take-in',
      contents: { ...contents, trusted: [first, ...bounded([...others, ...strange])] },
      changed: strange,
    };
  }
  const names = namesOf(settings);
  const reason = whyNewServing(contents, names, now, settings.servingMs);
  if (reason !== null) {
    // Names of other replicas' flags stay until the next renewal, or two replicas would undo each other's.
    const all = reason.startsWith('lacks') ? [...new Set([...names, ...serving.names])] : names;
    return { kind: 'make-serving', reason: `the serving certificate ${reason}`, contents, names: all };
  }
  const bundle = bundleOf(contents);
  const unlike = configurations.find(({ entries }) => entries.some((entry) => entry.bundle !== bundle));
  if (unlike !== undefined) {
    return { kind: 'patch', configuration: unlike, bundle };
  }
  return overlapIsOver && trusted.length > 1 ? retire(contents) : { kind: 'rest' };
}

function anew(reason: string, keep: readonly Authority[], retired: readonly string[]): Step<never> {
  return { kind: 'make-authority', reason, keep: bounded(keep), retired };
}

function retire(contents: Contents): Step<never> {
  const [first, ...others] = contents.trusted;
  const retired = bounded([...others.map(({ id }) => id), ...contents.retired]);
  return { kind: 'retire', contents: { ...contents, trusted: [first], retired }, changed: others };
}

function whyNewServing(
  { trusted, serving }: Contents,
  names: readonly string[],
  now: number,
  lifeMs: number,
): string | null {
  if (serving.issuer !== trusted[0].id) {
    return 'is of another CA';
  }
  const missing = names.filter((name) => !serving.names.includes(name));
  return missing.length > 0 ? `lacks ${missing.join(', ')}` : due(serving, now, lifeMs);
}

/** Why a certificate must be made anew: a third of its life before its end, or as soon as it is of no use. */
function due({ from, until }: Pick<Authority, 'from' | 'until'>, now: number, lifeMs: number): string | null {
  if (until <= now) {
    return `ended on ${new Date(until).toISOString()}`;
  }
  if (from > now) {
    return `begins only on ${new Date(from).toISOString()}`;
  }
  return until - now < lifeMs / 3 ? `ends on ${new Date(until).toISOString()}` : null;
}

function distinct(authorities: readonly Authority[]): Authority[] {
  return [...new Map(authorities.map((each) => [each.id, each])).values()];
}

function bounded<Item>(items: readonly Item[]): Item[] {
  return items.slice(0, mostTrusted - 1);
}
