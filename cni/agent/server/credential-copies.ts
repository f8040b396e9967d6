import { reasonOf } from '../../../core/problem/problem.ts';
import { files } from '../../files.ts';
import type { Copy } from '../settings.ts';

/** Milliseconds between two looks; the kubelet renews a token long before its end. */
const every = 5_000;

/**
 * Keeps the agent's token and its authority's certificate where the plugin reads them, so that the plugin can ask the
 * server itself while the agent is away. In a pod the agent has them in a volume of its own, which the host doesn't see
 * and which goes with the pod. A copy appears whole, is renewed when its source is, and stays when the agent ends.
 */
export class CredentialCopies {
  readonly #copies: readonly Copy[];
  readonly #complain: (reason: string) => void;
  /** Told once, until it works again. */
  readonly #complained = new Set<string>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param complain told why a copy can't be kept, once in a row */
  constructor(copies: readonly Copy[], complain: (reason: string) => void) {
    this.#copies = copies;
    this.#complain = complain;
  }

  /** Makes those that are missing or old, and looks again every five seconds. */
  start(): void {
    if (this.#copies.length > 0) {
      this.#keep();
      this.#timer = setInterval(() => this.#keep(), every);
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #keep(): void {
    for (const copy of this.#copies) {
      try {
        renew(copy);
        this.#complained.delete(copy.to);
      } catch (error) {
        if (!this.#complained.has(copy.to)) {
          this.#complained.add(copy.to);
          this.#complain(`${copy.from} to ${copy.to}: ${reasonOf(error)}`);
        }
      }
    }
  }
}

function renew({ from, to, mode }: Copy): void {
  const { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } = files();
  const wanted = readFileSync(from);
  const found = currentOf(to);
  if (found?.mode === mode && found.octets.equals(wanted)) {
    return;
  }
  mkdirSync(to.slice(0, to.lastIndexOf('/')), { recursive: true, mode: 0o700 });
  const draft = `${to}.new`;
  writeFileSync(draft, wanted, { mode, flush: true });
  // The umask, or a draft that was left, may have had other bits.
  chmodSync(draft, mode);
  renameSync(draft, to);
}

function currentOf(path: string): { readonly octets: Buffer; readonly mode: number } | undefined {
  const { readFileSync, statSync } = files();
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat && { octets: readFileSync(path), mode: stat.mode & 0o777 };
}
