import { present } from '../../../core/cni/present.ts';
import { reasonOf } from '../../../core/problem/problem.ts';
import { files } from '../../files.ts';

/** What a call to the server carries, as it stands in the files now. */
export interface Credentials {
  readonly token?: string;
  /** PEM. */
  readonly ca?: string;
}

interface Seen {
  readonly mark: string;
  readonly text: string;
}

/**
 * The token and the authority's certificate. Each call looks at the files' marks, and reads what has changed, so that a
 * token that is replaced (a service account's is each hour) counts from the next call on. A file that can't be read any
 * more leaves its last contents in use.
 */
export class CredentialFiles {
  readonly #paths: Readonly<Partial<Record<keyof Credentials, string>>>;
  readonly #complain: (message: string) => void;
  readonly #seen = new Map<string, Seen>();

  /** @param complain told when a file that was read before can't be read */
  constructor(
    paths: Readonly<Partial<Record<keyof Credentials, string>>>,
    complain: (message: string) => void,
  ) {
    this.#paths = paths;
    this.#complain = complain;
  }

  read(): Credentials {
    return present({ token: this.#contents(this.#paths.token)?.trim(), ca: this.#contents(this.#paths.ca) });
  }

  #contents(path: string | undefined): string | undefined {
    if (path === undefined) {
      return undefined;
    }
    const seen = this.#seen.get(path);
    try {
      const { ino, mtimeNs, size } = files().statSync(path, { bigint: true });
      const mark = `${ino}/${mtimeNs}/${size}`;
      if (seen?.mark !== mark) {
        this.#seen.set(path, { mark, text: files().readFileSync(path, 'utf8') });
      }
    } catch (error) {
      this.#complain(`${path}: ${reasonOf(error)}`);
    }
    return this.#seen.get(path)?.text;
  }
}
