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

/** Finds the caller of a token. */
export interface Authenticator {
  /**
   * Null for a token that nobody has; a promise only where the cluster must be asked.
   *
   * @throws Problem ROLE_INSUFFICIENT for a token that is good for nothing here; KUBE_UNAVAILABLE
   */
  callerOf(token: string): Caller | null | Promise<Caller | null>;
}

/** `admin`, `viewer` or `node:<name>`, as the tokens file writes it. */
export function parseRole(role: string): Role {
  if (role === 'admin' || role === 'viewer') {
    return { role };
  }
  return { role: 'node', node: role.slice('node:'.length) };
}
