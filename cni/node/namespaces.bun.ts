import { reasonOf } from '../../core/problem/problem.ts';
import { files } from '../files.ts';
import { mountedNetns, type NetnsPath } from './mounted-netns.ts';
import { KernelPod } from './pod/pod.bun.ts';

/** No node has so many; what is more is somebody's leak, and a runtime waits for us. */
const mostNamespaces = 10_000;

/** What was found in network namespaces, and why some couldn't be looked into. */
export interface Survey<T> {
  readonly found: readonly T[];
  readonly unseen: readonly string[];
}

/**
 * Looks into all network namespaces of the machine: those that are mounted, and those that only a process holds.
 *
 * @param look is handed the namespace, and the path that it was found by
 */
export function lookIntoEach<T>(look: (pod: KernelPod, path: string) => readonly T[]): Survey<T> {
  const all = grouped([...mountedHere(), ...heldBy(processes())]);
  const looks = all.slice(0, mostNamespaces).map((each) => lookInto(each, look));
  const passedOver = all.length - looks.length;
  return {
    found: looks.flatMap((each) => (typeof each === 'string' ? [] : each)),
    unseen: [
      ...looks.filter((each) => typeof each === 'string'),
      ...(passedOver > 0 ? [`there are ${passedOver} more network namespaces than are looked into`] : []),
    ],
  };
}

/** What is in a namespace, or why that couldn't be seen. */
export function lookInto<T>(
  { inode, paths }: Namespace,
  look: (pod: KernelPod, path: string) => readonly T[],
): readonly T[] | string {
  // A path may be hidden by a later mount, or its process gone.
  const path = paths.find((each) => inodeOf(each) === inode);
  if (path === undefined) {
    return [];
  }
  try {
    const pod = KernelPod.open(path, true);
    try {
      return look(pod, path);
    } finally {
      pod.close();
    }
  } catch (error) {
    // One that went while we looked took its interfaces along.
    return inodeOf(path) === inode ? `could not look into ${path}: ${reasonOf(error)}` : [];
  }
}

/** A network namespace, and the ways to it. */
export interface Namespace {
  readonly inode: number;
  /** Mounts come first: a path of theirs lasts longer than a process. */
  readonly paths: readonly string[];
}

/** Paths to namespaces, those of one together. */
export function grouped(all: readonly NetnsPath[]): Namespace[] {
  const found = new Map<number, string[]>();
  for (const { inode, path } of all) {
    const paths = found.get(inode);
    if (paths === undefined) {
      found.set(inode, [path]);
    } else {
      paths.push(path);
    }
  }
  return [...found].map(([inode, paths]) => ({ inode, paths }));
}

/** The namespaces that are mounted where this process can see it. */
export function mountedHere(): NetnsPath[] {
  return mountedNetns(files().readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** The numbers of all processes. */
export function processes(): string[] {
  return files()
    .readdirSync('/proc')
    .filter((name) => isDigit(name.charCodeAt(0)));
}

/**
 * The namespaces of processes; one that has ended has none.
 *
 * @param onHidden told of each process that the kernel hides its namespace of, because this one lacks CAP_SYS_PTRACE
 */
export function heldBy(pids: readonly string[], onHidden: () => void = () => undefined): NetnsPath[] {
  return pids.flatMap((pid) => {
    const path = `/proc/${pid}/ns/net`;
    try {
      return [{ inode: inodeHeldBy(path), path }];
    } catch (error) {
      if (hidden.includes(codeOf(error))) {
        onHidden();
      }
      return [];
    }
  });
}

const hidden: readonly unknown[] = ['EACCES', 'EPERM'];

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** What such a link of /proc names: half the cost of looking at the namespace, and a node has thousands of processes. */
function inodeHeldBy(path: string): number {
  // net:[4026532281]
  return Number(files().readlinkSync(path).slice(5, -1));
}

/** Undefined where there is nothing, as at a process that has ended. */
function inodeOf(path: string): number | undefined {
  try {
    return files().statSync(path).ino;
  } catch {
    return undefined;
  }
}
