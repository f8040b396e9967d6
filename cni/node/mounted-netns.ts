/** A network namespace that a path leads to. */
export interface NetnsPath {
  /** Names the namespace, whatever the path. */
  readonly inode: number;
  readonly path: string;
}

/**
 * The network namespaces that are mounted somewhere, by each of their paths: runtimes keep them in folders of their own choice
 * (/run/netns, /run/docker/netns, containerd’s state folder), and the kernel's list has them all.
 *
 * @param mountinfo text of /proc/self/mountinfo (proc_pid_mountinfo(5)): the fourth field of such a mount is
 *   `net:[4026532281]`, the fifth its path with blanks as \040
 */
export function mountedNetns(mountinfo: string): NetnsPath[] {
  return mountinfo.split('\n').flatMap((line) => {
    const [, , , root = '', path = ''] = line.split(' ');
    const inode = /^net:\[(\d+)\]$/.exec(root)?.[1];
    return inode === undefined ? [] : [{ inode: Number(inode), path: unescaped(path) }];
  });
}

function unescaped(path: string): string {
  return path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
