/** The interface that pods share, as far as its identity goes. */
export interface MasterSeen {
  readonly index: number;
  readonly name: string;
}

/** How the kernel shows the master now. */
export interface MasterNow {
  /** What has the index that the pods' interfaces hang on. */
  readonly byIndex: MasterSeen | undefined;
  /** What has the name that the configuration says. */
  readonly byName: MasterSeen | undefined;
}

export type MasterFault = 'master-gone' | 'master-replaced' | 'master-renamed';

/** What became of the master; undefined: it is as it was. */
export interface MasterChange {
  readonly fault: MasterFault;
  readonly words: string;
}

/**
 * Judges what became of the master that this agent began with. The kernel ties pods to its index: who renames it leaves
 * them as they are, and new pods look for it under the name that the configuration says.
 *
 * @param name as the configuration says it, or as it was at the start
 */
export function changeOf(
  { index }: MasterSeen,
  name: string,
  { byIndex, byName }: MasterNow,
): MasterChange | undefined {
  if (byIndex === undefined) {
    return byName === undefined
      ? {
          fault: 'master-gone',
          words: `the master ${name} is gone, and all interfaces of pods on it went with it`,
        }
      : {
          fault: 'master-replaced',
          words: `${name} is another interface now (index ${byName.index}, it was ${index}): the pods that were on the old one have none any more, start them again`,
        };
  }
  if (byIndex.name === name) {
    return undefined;
  }
  return byName === undefined
    ? {
        fault: 'master-renamed',
        words: `the master ${name} is called ${byIndex.name} now: its pods live on, new ones need "master": "${byIndex.name}"`,
      }
    : {
        fault: 'master-replaced',
        words: `the master ${name} is called ${byIndex.name} now, and ${name} is another interface: pods live on ${byIndex.name}, new ones would be put on ${name}`,
      };
}
