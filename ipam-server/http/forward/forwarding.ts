import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '../../../core/problem/problem.ts';
import type { Elected } from '../../seat/elected.ts';
import { operationOf } from '../request-metrics.ts';
import { bodyOf } from './body.ts';
import { endToEnd } from './headers.ts';
import { type Handed, type LeaderAnswer, LeaderClient } from './leader-client.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Whether an answer may take longer to begin than calls usually may. */
    readonly isLong?: boolean;
  }
  interface FastifyRequest {
    /** Where the call came from, when another server has handed it on; null for a caller of our own. */
    forwardedFor: string | null;
    /** The body of a call that was read to be handed on. */
    heldBody: Buffer | null;
  }
}

/** By which a leader knows that a call was handed on to it, and who made it. */
const handedOn = { secret: 'x-realip-forwarded-by', from: 'x-realip-forwarded-for' } as const;

/** Milliseconds that a call waits for somebody to lead: as long as a take-over takes. */
const patience = 5_000;

/** Milliseconds after which a call is answered whatever happens, but for long ones: 503 comes within ten seconds. */
const deadline = 9_500;

/** Milliseconds before a leader that could not be reached is asked again. */
const pause = 200;

/**
 * Hands calls to the server that leads: a redirect would lose their credentials. Who calls was asked here already, and
 * is asked again there.
 */
export class Forwarding {
  readonly #seat: Elected;
  readonly #client = new LeaderClient();

  constructor(seat: Elected) {
    this.#seat = seat;
  }

  /** Sees who was meant by a call of another server; comes before anything is decided on where a call is from. */
  receive(app: FastifyInstance): void {
    app.addHook('onRequest', (request, _, done) => {
      const { [handedOn.secret]: secret, [handedOn.from]: from } = request.headers;
      if (secret !== undefined && operationOf(request) !== 'probe') {
        // It is never handed on a second time: two servers that take each other for the leader would never end.
        if (typeof secret !== 'string' || typeof from !== 'string' || !this.#seat.isMeant(secret)) {
          throw new Problem('NOT_LEADING', 'another server took this one for the leader that it was');
        }
        request.forwardedFor = from;
      }
      done();
    });
  }

  /**
   * Hands on what is for the leader; comes when it is known that the caller may call, and before bodies are read.
   *
   * @param enter gives a call whose body is there its place among those that are worked on; @throws Problem OVERLOADED
   */
  send(app: FastifyInstance, enter: (request: FastifyRequest) => void): void {
    app.decorateRequest('heldBody', null);
    app.addHook('onRequest', (request, reply, done) => {
      if (this.#seat.leads || operationOf(request) === 'probe' || request.is404) {
        done();
        return;
      }
      this.#place(request, enter).then(
        (answer) => {
          if (answer === null) {
            done();
          } else {
            reply.code(answer.status).headers(answer.headers).send(answer.body);
          }
        },
        (error: Error) => {
          if (!request.raw.complete) {
            // The rest of its body would be taken for the next call.
            reply.header('connection', 'close');
          }
          done(error);
        },
      );
    });
    app.addHook('preParsing', (request, _, payload, done) => {
      done(null, request.heldBody === null ? payload : Readable.from([request.heldBody]));
    });
    app.addHook('onClose', () => this.#client.close());
  }

  /** The leader's answer to a call; null when this server leads by now, and answers itself. */
  async #place(
    request: FastifyRequest,
    enter: (request: FastifyRequest) => void,
  ): Promise<LeaderAnswer | null> {
    const began = performance.now();
    const end = began + patience;
    let handed: Handed | null = null;
    let why = 'no server leads';
    for (let left = patience; left > 0; left = end - performance.now()) {
      const { leads, leader } = this.#seat;
      if (leads) {
        return null;
      }
      if (leader === null) {
        await this.#seat.change(left);
        continue;
      }
      if (request.forwardedFor !== null) {
        throw new Problem('NOT_LEADING', 'this server does not lead any more');
      }
      if (handed === null) {
        handed = await handedBy(request);
        enter(request);
      }
      const headers = { ...handed.headers, [handedOn.secret]: leader.secret };
      const forwarded = await this.#client.ask(
        leader,
        { ...handed, headers },
        began + deadline - performance.now(),
      );
      if ('answer' in forwarded) {
        return forwarded.answer;
      }
      ({ why } = forwarded);
      if (forwarded.isOpen && !isRepeatable(request)) {
        throw new Problem('NOT_LEADING', `${why}; see whether the change was made before you repeat it`);
      }
      if (!leader.gone.aborted) {
        await this.#seat.change(Math.min(pause, left));
      }
    }
    throw new Problem('NOT_LEADING', why);
  }
}

/** Reads and calls of nodes do the same when they are done twice; another may have edited after a first edit. */
function isRepeatable({ method, routeOptions: { config } }: FastifyRequest): boolean {
  return config.access === 'node' || method === 'GET' || method === 'HEAD';
}

/** Calls that share connections to the leader. */
function kindOf(request: FastifyRequest): Handed['kind'] {
  const operation = operationOf(request);
  return operation === 'read' || operation === 'watch' ? operation : 'change';
}

async function handedBy(request: FastifyRequest): Promise<Handed> {
  request.heldBody = await bodyOf(request);
  return {
    method: request.method as Handed['method'],
    path: request.url,
    headers: {
      ...endToEnd(request.headers),
      'x-request-id': request.id,
      [handedOn.from]: request.ip,
    },
    body: request.heldBody,
    kind: kindOf(request),
    isLong: request.routeOptions.config.isLong ?? false,
  };
}
