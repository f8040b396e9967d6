import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from '../../core/problem/problem.ts';
import type { ServiceAccountEntry, TokenEntry, TokenFile } from '../../schema/token.ts';
import { type Authenticator, type Caller, parseRole } from '../http/caller.ts';

/** What a tokens file says. Tokens are kept as hashes: a dump of this process’s memory holds none of them. */
export class TokenTable implements Authenticator {
  readonly #bySha256 = new Map<string, { readonly sha256: Buffer; readonly caller: Caller }>();
  readonly #accounts = new Map<string, string>();

  /** @throws Problem TOKEN_FILE_INVALID when something is there twice: which role would it have? */
  constructor({ tokens = [], serviceAccounts = [] }: TokenFile) {
    for (const [index, entry] of tokens.entries()) {
      const sha256 = 'token' in entry ? sha256Of(entry.token) : Buffer.from(entry.tokenSha256, 'hex');
      const key = sha256.toString('hex');
      if (this.#bySha256.has(key)) {
        throw new Problem('TOKEN_FILE_INVALID', `tokens[${index}] is the token of an earlier entry again`);
      }
      this.#bySha256.set(key, { sha256, caller: callerOf(entry) });
    }
    for (const [index, entry] of serviceAccounts.entries()) {
      const key = accountKey(entry);
      if (this.#accounts.has(key)) {
        throw new Problem('TOKEN_FILE_INVALID', `serviceAccounts[${index}] is ${key} again`);
      }
      this.#accounts.set(key, entry.role);
    }
  }

  /** How many tokens and service accounts there are. */
  get sizes(): { readonly tokens: number; readonly serviceAccounts: number } {
    return { tokens: this.#bySha256.size, serviceAccounts: this.#accounts.size };
  }

  /**
   * The look-up is by hash, whose prefix a caller cannot steer, and the comparison takes constant time: how
   * long an answer takes tells nothing about a token.
   */
  callerOf(token: string): Caller | null {
    const sha256 = sha256Of(token);
    const entry = this.#bySha256.get(sha256.toString('hex'));
    return entry !== undefined && timingSafeEqual(entry.sha256, sha256) ? entry.caller : null;
  }

  /** The role of a service account as it is written, such as `node:*`; undefined where it has none. */
  roleOfAccount(account: Pick<ServiceAccountEntry, 'namespace' | 'name'>): string | undefined {
    return this.#accounts.get(accountKey(account));
  }
}

function callerOf({ role, name }: TokenEntry): Caller {
  return name === undefined ? parseRole(role) : { ...parseRole(role), name };
}

function sha256Of(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function accountKey({ namespace, name }: Pick<ServiceAccountEntry, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`;
}
