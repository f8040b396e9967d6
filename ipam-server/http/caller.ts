import { createHash, timingSafeEqual } from 'node:crypto';
import { Problem } from '../../core/problem/problem.ts';
import type { TokenFile } from '../../schema/token.ts';

/** What a caller may. */
export type Role =
  | { readonly role: 'admin' }
  | { readonly role: 'viewer' }
  | { readonly role: 'node'; readonly node: string };

/** Who calls, and so what he may. */
export type Caller = Role & {
  /** Whose token it is, where that is known: a name of the tokens file, or a service account. */
  readonly name?: string;
};

/** A caller in one word, for the audit and the log: his name, else his role such as `node:n1`. */
export function actorOf(caller: Caller): string {
  return caller.name ?? roleOf(caller);
}

/** `admin`, `viewer` or `node:<name>`. */
export function roleOf(caller: Role): string {
  return caller.role === 'node' ? `node:${caller.node}` : caller.role;
}

/** Finds the caller of a token; `--kube` will be another one. */
export interface Authenticator {
  /** Null for a token that nobody has. */
  callerOf(token: string): Caller | null;
}

/** `admin`, `viewer` or `node:<name>`, as the tokens file writes it. */
export function callerOfRole(role: string): Role {
  if (role === 'admin' || role === 'viewer') {
    return { role };
  }
  return { role: 'node', node: role.slice('node:'.length) };
}

/** The tokens of a file, kept as hashes: a dump of this process’s memory holds none of them. */
export class TokenTable implements Authenticator {
  readonly #bySha256 = new Map<string, { readonly sha256: Buffer; readonly caller: Caller }>();

  /** @throws Problem TOKEN_FILE_INVALID when a token is there twice: which role would it have? */
  constructor(file: TokenFile) {
    for (const [index, entry] of file.tokens.entries()) {
      const sha256 = 'token' in entry ? sha256Of(entry.token) : Buffer.from(entry.tokenSha256, 'hex');
      const key = sha256.toString('hex');
      if (this.#bySha256.has(key)) {
        throw new Problem('TOKEN_FILE_INVALID', `tokens[${index}] is the token of an earlier entry again`);
      }
      this.#bySha256.set(key, { sha256, caller: callerOf(entry) });
    }
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
}

function callerOf({ role, name }: TokenFile['tokens'][number]): Caller {
  return name === undefined ? callerOfRole(role) : { ...callerOfRole(role), name };
}

function sha256Of(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
