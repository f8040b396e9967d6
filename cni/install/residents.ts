/** An interface of a pod, or of another network namespace that hangs on this node. */
export interface Resident {
  /** Path of the namespace, as it was found. */
  readonly netns: string;
  readonly inode: number;
  readonly ifname: string;
  /** The network whose it is, where the interface is ours. */
  readonly network: string | undefined;
}

/** An attachment that the runtime noted when it was made (libcni's cache). */
export interface Noted {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
  /** Of its namespace; undefined when that is gone, as after a boot. */
  readonly inode: number | undefined;
}

/** Whose configuration the runtime has used so far. */
export type InForce = 'nobody' | 'ours' | 'earlier' | 'later';

/** The endings that runtimes read (libcni's ConfFiles). */
const endings = ['.conf', '.conflist', '.json'];

/**
 * Whose conf the runtime uses: the first by name.
 *
 * @param names of the files in the folder that hold something
 * @returns `earlier` for another one that stays in front of ours, such as Multus'
 */
export function inForce(names: readonly string[], ours: string): InForce {
  const [first] = names.filter((name) => endings.some((ending) => name.endsWith(ending))).toSorted(byOctets);
  if (first === undefined) {
    return 'nobody';
  }
  if (first === ours) {
    return 'ours';
  }
  return byOctets(first, ours) < 0 ? 'earlier' : 'later';
}

/** As Go sorts, which runtimes are written in. */
function byOctets(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * The pods whose DEL would run with the wrong configuration once `network` is the one in force: those of our own that
 * belong to another network; those that the runtime noted for another; and, where another CNI has been in force, those
 * that hang on this node by an interface that isn't ours.
 *
 * @returns each in words
 */
export function strangers(
  network: string,
  before: InForce,
  residents: readonly Resident[],
  noted: readonly Noted[],
): string[] {
  if (before === 'earlier') {
    return [];
  }
  const found = new Map<string, string>();
  for (const { netns, ifname, network: of } of residents) {
    if (of !== undefined && of !== network) {
      found.set(`${netns} ${ifname}`, `${ifname} of ${netns}, in the realip network ${of}`);
    }
  }
  if (before === 'ours') {
    return [...found.values()];
  }
  const own = new Set(residents.filter((each) => each.network !== undefined).map(({ inode }) => inode));
  const isAnothers = (each: Noted) => each.network !== network && !own.has(each.inode ?? -1);
  for (const each of noted.filter(isAnothers)) {
    const at = residents.find(({ inode, ifname }) => inode === each.inode && ifname === each.ifname);
    if (at !== undefined) {
      const words = `${at.ifname} of ${at.netns}, container ${each.containerId} in the network ${each.network}`;
      found.set(`${at.netns} ${at.ifname}`, words);
    }
  }
  for (const { netns, inode, ifname } of before === 'later' ? residents : []) {
    const key = `${netns} ${ifname}`;
    if (!own.has(inode) && !found.has(key)) {
      found.set(key, `${ifname} of ${netns}`);
    }
  }
  return [...found.values()];
}
