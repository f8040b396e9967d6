/**
 * Reports whether a kernel is older than a version.
 *
 * @param release such as `5.4.0-150-generic`, as `uname -r` says it
 */
export function isOlder(release: string, major: number, minor: number): boolean {
  const [ownMajor = 0, ownMinor = 0] = release.split('.', 2).map((part) => Number.parseInt(part, 10));
  return ownMajor < major || (ownMajor === major && ownMinor < minor);
}
