import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../../core/problem/problem.ts';
import type { ReleaseBounds } from '../ledger/allocation/release.ts';
import { type Authenticator, type Caller, roleOf } from './caller.ts';

/** Who may use a route: `nobody` needs no token, a node only where the call is its own. */
export type Access = 'nobody' | 'viewer' | 'admin' | 'node' | 'node-or-viewer';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Without it only an admin may. */
    readonly access?: Access;
  }
  interface FastifyRequest {
    /** Absent until the caller is known, and where nobody is asked. */
    caller: Caller;
  }
}

const admin: Caller = { role: 'admin' };

/** `Bearer` in any case, blanks, the token (RFC 6750 §2.1, RFC 9110 §11.1). */
const bearer = /^bearer +([^\s]+) *$/i;

/**
 * Asks who calls and whether his role may, before the body is read.
 *
 * @param authenticator null where tokens are not asked for (on loopback): every caller is then an admin
 */
export function guard(app: FastifyInstance, authenticator: Authenticator | null): void {
  // Given a value at once, so that requests keep one shape; the hook sets the true one.
  app.decorateRequest('caller');
  // With a callback: a promise would cost every call a turn, and only the cluster answers later.
  app.addHook('onRequest', (request, _, done) => {
    const access = request.routeOptions.config.access ?? 'admin';
    if (access === 'nobody') {
      done();
      return;
    }
    const admit = (caller: Caller | null): void => {
      if (caller === null) {
        throw new Problem('TOKEN_MISSING', 'the bearer token is not a known one');
      }
      request.caller = caller;
      // A path that does not exist has no role; whoever has a token may hear so.
      if (!request.is404) {
        checkRole(caller, access);
      }
    };
    const caller = authenticator === null ? admin : authenticator.callerOf(tokenOf(request));
    if (caller instanceof Promise) {
      caller.then(admit).then(() => done(), done);
      return;
    }
    admit(caller);
    done();
  });
}

/** Reports whether a call that lasts would be admitted now as it was at its beginning. */
export async function isStillAllowed(
  request: FastifyRequest,
  authenticator: Authenticator | null,
): Promise<boolean> {
  if (authenticator === null) {
    return true;
  }
  try {
    const caller = await authenticator.callerOf(tokenOf(request));
    return caller !== null && roleOf(caller) === roleOf(request.caller);
  } catch (error) {
    // Who could not be asked has revoked nothing.
    return error instanceof Problem && error.kind.status === 503;
  }
}

function tokenOf({ headers }: FastifyRequest): string {
  const token = bearer.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) {
    throw new Problem('TOKEN_MISSING', 'there is no bearer token');
  }
  return token;
}

function checkRole(caller: Caller, access: Access): void {
  const isAllowed =
    caller.role === 'admin' ||
    (caller.role === 'viewer' && (access === 'viewer' || access === 'node-or-viewer')) ||
    (caller.role === 'node' && (access === 'node' || access === 'node-or-viewer'));
  if (!isAllowed) {
    throw new Problem('ROLE_INSUFFICIENT', `the call is not for the role ${roleOf(caller)}`);
  }
}

/**
 * Compares the node that a call is about with the caller’s own.
 *
 * @param node as the request names it; what is no text is left to validation
 * @throws Problem ROLE_INSUFFICIENT
 */
export function checkOwnNode(caller: Caller, node: unknown): void {
  if (caller.role === 'node' && typeof node === 'string' && node !== caller.node) {
    throw new Problem(
      'ROLE_INSUFFICIENT',
      `the token is node ${caller.node}’s, the call is about node ${node}`,
    );
  }
}

/** What the caller may release: a node what is its own. */
export function releaseBounds(caller: Caller, generation: number | undefined): ReleaseBounds {
  return {
    ...(generation === undefined ? {} : { generation }),
    ...(caller.role === 'node' ? { node: caller.node } : {}),
  };
}

/** The node that a body or query names, before anything of it is validated. */
export function nodeIn(input: unknown): unknown {
  return typeof input === 'object' && input !== null && 'node' in input ? input.node : undefined;
}
