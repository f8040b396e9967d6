/** The versions of the CNI specification that are spoken, oldest first; matched as exact strings. */
export const cniVersions = ['0.1.0', '0.2.0', '0.3.0', '0.3.1', '0.4.0', '1.0.0', '1.1.0'] as const;

export type CniVersion = (typeof cniVersions)[number];

/** What an answer carries when the configuration's version isn't known (yet). */
export const newestVersion: CniVersion = '1.1.0';

export function isCniVersion(text: string): text is CniVersion {
  return (cniVersions as readonly string[]).includes(text);
}

/** Reports whether `version` is `other` or newer. */
export function atLeast(version: CniVersion, other: CniVersion): boolean {
  return cniVersions.indexOf(version) >= cniVersions.indexOf(other);
}
