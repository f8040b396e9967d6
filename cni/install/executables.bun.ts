import { Problem } from '../../core/problem/problem.ts';
import { files } from '../files.ts';
import { clearDraft, draftOf, sync } from './draft.ts';

/** Octets that are compared at once. */
const chunk = 1 << 20;

/**
 * The plugin's executable and the name by which it is an IPAM plugin. A file that runs can't be written to ("Text file
 * busy"), so each new one takes the old one's name; who runs the old one keeps it.
 */
export class Executables {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get path(): string {
    return `${this.#folder}/realip`;
  }

  get ipamPath(): string {
    return `${this.#folder}/realip-ipam`;
  }

  /**
   * @param source the executable to put there
   * @returns whether anything changed
   */
  put(source: string): boolean {
    files().mkdirSync(this.#folder, { recursive: true, mode: 0o755 });
    this.clear();
    const isNew = !this.#isAlready(source);
    if (isNew) {
      this.#replace(source);
    }
    const isLinked = this.#link();
    sync(this.#folder);
    return isNew || isLinked;
  }

  /** Takes away what a killed install left. */
  clear(): void {
    clearDraft(this.path);
    clearDraft(this.ipamPath);
  }

  /** The link goes first: alone it would lead nowhere. */
  remove(): void {
    if (!files().existsSync(this.#folder)) {
      return;
    }
    this.clear();
    for (const path of [this.ipamPath, this.path]) {
      files().rmSync(path, { force: true });
    }
    sync(this.#folder);
  }

  #replace(source: string): void {
    const { chmodSync, copyFileSync, renameSync } = files();
    const draft = draftOf(this.path);
    try {
      copyFileSync(source, draft);
      chmodSync(draft, 0o755);
      sync(draft);
      this.#try(draft);
      renameSync(draft, this.path);
    } catch (error) {
      // Half a copy would keep a full disk full.
      clearDraft(this.path);
      throw error;
    }
  }

  /** Runs what was written, as a runtime would: a folder may be mounted without leave to execute. */
  #try(program: string): void {
    let said: string;
    try {
      const { success, stdout, stderr } = Bun.spawnSync([program], {
        env: { CNI_COMMAND: 'VERSION' },
        stdin: new TextEncoder().encode('{"cniVersion":"1.0.0"}'),
      });
      if (success) {
        return;
      }
      said = `${stdout}${stderr}`.trim();
    } catch (error) {
      said = String(error);
    }
    throw new Problem(
      'INSTALL_NOT_EXECUTABLE',
      `what was written to ${this.#folder} does not run there: ${said}`,
    );
  }

  #link(): boolean {
    const { lstatSync, readlinkSync, renameSync, symlinkSync } = files();
    const found = lstatSync(this.ipamPath, { throwIfNoEntry: false });
    if (found?.isSymbolicLink() && readlinkSync(this.ipamPath) === 'realip') {
      return false;
    }
    symlinkSync('realip', draftOf(this.ipamPath));
    renameSync(draftOf(this.ipamPath), this.ipamPath);
    return true;
  }

  /** The same octets, which anybody may run. */
  #isAlready(source: string): boolean {
    const found = files().lstatSync(this.path, { throwIfNoEntry: false });
    return found?.isFile() === true && (found.mode & 0o7777) === 0o755 && isSame(source, this.path);
  }
}

function isSame(one: string, other: string): boolean {
  const { closeSync, fstatSync, openSync, readSync } = files();
  const descriptors = [openSync(one, 'r'), openSync(other, 'r')] as const;
  try {
    const [a, b] = descriptors.map((each) => fstatSync(each));
    if (a?.size !== b?.size) {
      return false;
    }
    const [left, right] = [new Uint8Array(chunk), new Uint8Array(chunk)];
    for (;;) {
      const [size, other] = [readSync(descriptors[0], left), readSync(descriptors[1], right)];
      if (size !== other || Buffer.compare(left.subarray(0, size), right.subarray(0, other)) !== 0) {
        return false;
      }
      if (size === 0) {
        return true;
      }
    }
  } finally {
    for (const each of descriptors) {
      closeSync(each);
    }
  }
}
