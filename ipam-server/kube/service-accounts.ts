import { Problem } from '../../core/problem/problem.ts';
import { type Authenticator, type Caller, parseRole } from '../http/caller.ts';
import type { Pods } from './pods.ts';
import type { Identity, TokenReviews } from './token-reviews.ts';

/** The role of a service account as it is written, such as `node:*`; undefined where it has none. */
export type RoleOfAccount = (account: NonNullable<Identity['account']>) => string | undefined;

/** Knows callers by the tokens of their service accounts. */
export class ServiceAccounts implements Authenticator {
  readonly #reviews: Pick<TokenReviews, 'identityOf'>;
  readonly #pods: Pick<Pods, 'find'>;
  readonly #roleOf: RoleOfAccount;
  /** A pod stays on its node, so one look-up serves as long as its token is remembered. */
  readonly #nodes = new WeakMap<Identity, string>();

  constructor(reviews: Pick<TokenReviews, 'identityOf'>, pods: Pick<Pods, 'find'>, roleOf: RoleOfAccount) {
    this.#reviews = reviews;
    this.#pods = pods;
    this.#roleOf = roleOf;
  }

  /** @throws Problem ROLE_INSUFFICIENT, KUBE_UNAVAILABLE, OVERLOADED */
  callerOf(token: string): Caller | null | Promise<Caller | null> {
    const identity = this.#reviews.identityOf(token);
    return identity instanceof Promise
      ? identity.then((found) => found && this.#callerOf(found))
      : identity && this.#callerOf(identity);
  }

  #callerOf(identity: Identity): Caller | Promise<Caller> {
    const { account, username } = identity;
    // Asked at every call, so that a changed file counts at once.
    const role = account && this.#roleOf(account);
    if (account === undefined || role === undefined) {
      throw new Problem(
        'ROLE_INSUFFICIENT',
        `${username} has no role here; see "serviceAccounts" of the tokens file`,
      );
    }
    if (role !== 'node:*') {
      return { ...parseRole(role), name: username };
    }
    // All nodes' agents have one account: in the audit the node says more than its name.
    const node = identity.node ?? this.#nodes.get(identity);
    return node === undefined
      ? this.#nodeOf(account.namespace, identity).then((found) => ({ role: 'node', node: found }))
      : { role: 'node', node };
  }

  /** API servers before 1.30 tell the pod that a token is bound to, not its node. */
  async #nodeOf(namespace: string, identity: Identity): Promise<string> {
    const { username, pod } = identity;
    const bound = pod && (await this.#pods.find(namespace, pod.name, ({ uid }) => uid === pod.uid));
    if (pod === undefined || bound?.node === undefined || bound.uid !== pod.uid) {
      throw new Problem(
        'ROLE_INSUFFICIENT',
        `the token of ${username} is bound to no pod on a node, so it is no node’s`,
      );
    }
    this.#nodes.set(identity, bound.node);
    return bound.node;
  }
}
