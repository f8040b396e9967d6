import { addressesKey } from '../../core/wanted-addresses.ts';
import { nearest } from '../../document/nearest.ts';
import { injectKey, zoneKey } from '../policy/names.ts';
import type { Pod } from '../policy/pod.ts';

const prefix = 'realip.io/';
/** What pods may say in labels as well as in annotations. */
const ofBoth = [zoneKey, injectKey];
const ofAnnotations = [addressesKey, 'realip.io/sticky', 'realip.io/retain', 'realip.io/spare'];
const names = [...ofBoth, ...ofAnnotations].map((key) => key.slice(prefix.length));

/** Keys that look like ones of realip but do nothing: misspelled, or a label that only counts as annotation. */
export function onKeys({ metadata }: Pod): string[] {
  return [
    ...said(metadata?.labels).flatMap((key) =>
      ofAnnotations.includes(key)
        ? [`the label ${key} has no effect; did you mean the annotation ${key}?`]
        : misspelled('label', key),
    ),
    ...said(metadata?.annotations).flatMap((key) => misspelled('annotation', key)),
  ];
}

/** Keys of realip's prefix that have a value; an empty one counts as absent everywhere. */
function said(texts: Readonly<Record<string, string>> | null | undefined): string[] {
  return Object.entries(texts ?? {}).flatMap(([key, value]) =>
    key.startsWith(prefix) && value !== '' ? [key] : [],
  );
}

/** Only what is near: other keys under the prefix may be an admin's own, for the rules of the policy. */
function misspelled(what: 'label' | 'annotation', key: string): string[] {
  const name = key.slice(prefix.length);
  const meant = names.includes(name) ? undefined : nearest(name, names, 2);
  if (meant === undefined) {
    return [];
  }
  const as = what === 'label' && ofAnnotations.includes(prefix + meant) ? 'the annotation ' : '';
  return [`the ${what} ${key} has no effect; did you mean ${as}${prefix}${meant}?`];
}
