import { createHash } from 'node:crypto';
import type { V1TokenReview } from '@kubernetes/client-node';
import type { ApiServer } from './api-server.ts';
import { Kept } from './kept.ts';

/** Whose a token is, as the API server says. */
export interface Identity {
  readonly username: string;
  /** Where it is a service account. */
  readonly account?: { readonly namespace: string; readonly name: string };
  /** The node that the token is bound to. */
  readonly node?: string;
  /** The pod that it is bound to, of the account's namespace. */
  readonly pod?: { readonly name: string; readonly uid: string };
}

/** An answer of the API server. */
interface Reviewed {
  readonly identity: Identity | null;
  /** Of the token itself, in milliseconds since 1970. */
  readonly expires: number;
  /** When it was asked for. */
  readonly since: number;
}

/** A good token is asked for again after so long: a revoked one works no longer. */
const goodMs = 120_000;
/** One in use is asked for ahead, so that it works for a minute at least when its pod has gone: another one follows. */
const renewMs = 60_000;
const badMs = 10_000;
/** Tokens kept; a node has one. */
const limit = 20_000;

const path = '/apis/authentication.k8s.io/v1/tokenreviews';
const claims = 'authentication.kubernetes.io/';

/** Asks the API server whose tokens are (TokenReview), and remembers its answers for a while. */
export class TokenReviews {
  readonly #api: Pick<ApiServer, 'post'>;
  readonly #audience: string;
  readonly #now: () => number;
  readonly #good: Kept<Reviewed>;
  /** Asked for ahead a moment ago. */
  readonly #renewed: Kept<true>;
  /** Apart, so that a flood of wrong tokens can't drive the good ones out. */
  readonly #bad: Kept<true>;

  constructor(api: Pick<ApiServer, 'post'>, audience: string, now: () => number = Date.now) {
    this.#api = api;
    this.#audience = audience;
    this.#now = now;
    const freshMs = (found: Reviewed) =>
      found.identity === null ? null : Math.min(goodMs, found.expires - now());
    this.#good = new Kept({ freshMs, staleMs: 0, limit }, now);
    this.#renewed = new Kept({ freshMs: () => badMs, staleMs: 0, limit }, now);
    this.#bad = new Kept({ freshMs: () => badMs, staleMs: 0, limit }, now);
  }

  /**
   * Null for a token that is not good for the audience; a promise only where the API server must be asked.
   *
   * @throws Problem KUBE_UNAVAILABLE, OVERLOADED
   */
  identityOf(token: string): Identity | null | Promise<Identity | null> {
    // Kept by its hash: a dump of this process's memory holds no token.
    const key = createHash('sha256').update(token).digest('base64');
    const known = this.#good.fresh(key);
    if (known !== undefined) {
      this.#renew(key, token, known);
      return known.identity;
    }
    if (this.#bad.fresh(key) === true) {
      return null;
    }
    const { exp = Number.POSITIVE_INFINITY, aud } = claimsOf(token);
    if (exp * 1000 <= this.#now() || (aud !== undefined && !aud.includes(this.#audience))) {
      return null;
    }
    return this.#good
      .get(key, () => this.#reviewed(token, exp * 1000))
      .then(async ({ identity }) => {
        if (identity === null) {
          await this.#bad.get(key, async () => true);
        }
        return identity;
      });
  }

  /** Without a wait for anybody. */
  #renew(key: string, token: string, { since, expires }: Reviewed): void {
    if (this.#now() - since >= renewMs && this.#renewed.fresh(key) === undefined) {
      const renew = async () => {
        await this.#good.renew(
          key,
          () => this.#reviewed(token, expires),
          ({ identity }) => identity !== null,
        );
        return true as const;
      };
      // With too many at a time it is left until it must be asked for.
      this.#renewed.get(key, renew).catch(() => {});
    }
  }

  async #reviewed(token: string, expires: number): Promise<Reviewed> {
    const since = this.#now();
    return { identity: await this.#review(token), expires, since };
  }

  async #review(token: string): Promise<Identity | null> {
    const review: V1TokenReview = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences: [this.#audience] },
    };
    const { status } = await this.#api.post(path, review);
    // An API server that knows no audiences leaves them out: its word is not for ours.
    if (status?.authenticated !== true || status.audiences?.includes(this.#audience) !== true) {
      return null;
    }
    const { username = '', extra = {} } = status.user ?? {};
    const [, namespace, name] = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username) ?? [];
    const claim = (of: string) => extra[`${claims}${of}`]?.[0];
    const [node, podName, uid] = [claim('node-name'), claim('pod-name'), claim('pod-uid')];
    return {
      username,
      ...(namespace === undefined || name === undefined ? {} : { account: { namespace, name } }),
      ...(node === undefined ? {} : { node }),
      ...(podName === undefined || uid === undefined ? {} : { pod: { name: podName, uid } }),
    };
  }
}

interface Claims {
  /** Seconds since 1970. */
  readonly exp?: number;
  readonly aud?: readonly string[];
}

/** What a token says of itself, not verified: enough to refuse it, never to take it. */
function claimsOf(token: string): Claims {
  try {
    const [, payload = ''] = token.split('.');
    const { exp, aud } = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Record<
      string,
      unknown
    >;
    return {
      ...(typeof exp === 'number' ? { exp } : {}),
      ...(Array.isArray(aud) ? { aud } : typeof aud === 'string' ? { aud: [aud] } : {}),
    };
  } catch {
    return {};
  }
}
