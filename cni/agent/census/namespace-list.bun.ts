import { files } from '../../files.ts';
import type { NetnsPath } from '../../node/mounted-netns.ts';
import { grouped, heldBy, mountedHere, type Namespace, processes } from '../../node/namespaces.bun.ts';

/** Runtimes mount the namespaces of their pods; the processes, of which there are thousands, are asked more seldom. */
const readingsPerSurvey = 3;

/** The network namespaces of the machine, for who asks again and again. */
export class NamespaceList {
  #held: NetnsPath[] = [];
  #readings = 0;
  #hidden = 0;

  /** Whether the kernel hides the namespaces of processes, for want of the right to see them. */
  get isBlind(): boolean {
    return this.#hidden > 0 && !mayTrace();
  }

  /** @param isWhole ask every process, now */
  read(isWhole: boolean): Namespace[] {
    const mounted = mountedHere();
    if (isWhole || this.#readings % readingsPerSurvey === 0) {
      this.#hidden = 0;
      this.#held = heldBy(processes(), () => {
        this.#hidden += 1;
      });
    } else {
      this.#recheck(new Set(mounted.map(({ inode }) => inode)));
    }
    this.#readings += 1;
    return grouped([...mounted, ...this.#held]);
  }

  /** Of what only processes hold, whether they do so still: such a namespace is gone at once when they end. */
  #recheck(mounted: ReadonlySet<number>): void {
    const isThere = ({ inode, path }: NetnsPath) => heldBy([pidOf(path)])[0]?.inode === inode;
    this.#held = this.#held.filter((each) => mounted.has(each.inode) || isThere(each));
  }
}

/** /proc/7/ns/net */
function pidOf(path: string): string {
  return path.split('/')[2] ?? '';
}

/** CAP_SYS_PTRACE of <linux/capability.h>. */
const sysPtrace = 19n;

function mayTrace(): boolean {
  const status = files().readFileSync('/proc/self/status', 'utf8');
  const effective = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return ((effective >> sysPtrace) & 1n) === 1n;
}
