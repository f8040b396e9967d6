import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../../core/problem/problem.ts';
import type { Metrics } from './metrics.ts';
import { ReadQueue } from './read-queue.ts';
import { operationOf } from './request-metrics.ts';

/**
 * What is worked on at a time. Everything that waits is bounded, so that a storm costs no more memory than this, and
 * what is refused is refused before anything was done for it.
 */
const limits = {
  /** Nodes' changes: allocations, releases, batches, conflicts, syncs. A commit takes thousands of them. */
  node: 4_096,
  /** Admins' edits. */
  edit: 256,
  /** Reads begun whose answer is not sent to its end: a client may read slowly. */
  read: 512,
  queue: { waiting: 256, patienceMs: 2_000 },
  /** Octets of long bodies that are being received. */
  bodies: 64 * 1024 * 1024,
};

/** Bodies that are not counted: what allocations have. */
const shortBody = 4_096;

type Class = 'probe' | 'node' | 'edit' | 'read' | 'watch';

declare module 'fastify' {
  interface FastifyRequest {
    /** The class whose place this request holds. */
    place: 'node' | 'edit' | null;
  }
}

function classOf(request: FastifyRequest): Class {
  const operation = operationOf(request);
  if (operation === 'probe' || operation === 'watch' || operation === 'read') {
    return operation;
  }
  return request.routeOptions.config.access === 'node' ? 'node' : 'edit';
}

/**
 * Refuses what is too much: reads first, admins' edits next, nodes' changes last, probes and metrics never.
 *
 * @returns what gives a change its place before its turn here comes, for those that another server answers
 */
export function shedLoad(app: FastifyInstance, metrics: Metrics): (request: FastifyRequest) => void {
  const working = { node: 0, edit: 0, read: 0, bodies: 0 };
  const queue = new ReadQueue(limits.queue);

  const overloaded = (of: Exclude<Class, 'probe'>, what: string): Problem => {
    metrics.shed.inc({ class: of });
    return new Problem('OVERLOADED', what);
  };
  const enterRead = (reply: FastifyReply, done: (error?: Error) => void): void => {
    if (working.read >= limits.read) {
      done(overloaded('read', `${limits.read} reads are under way`));
      return;
    }
    queue.enter(
      () => {
        working.read++;
        if (reply.raw.closed) {
          working.read--;
        } else {
          reply.raw.once('close', () => working.read--);
        }
        done();
      },
      () => done(overloaded('read', 'too many reads wait for their turn')),
    );
  };

  app.decorateRequest('place', null);
  // After the caller is known: who may not call has no place in a queue.
  app.addHook('onRequest', (request, reply, done) => {
    switch (classOf(request)) {
      case 'probe':
      case 'watch':
        done();
        return;
      case 'read':
        enterRead(reply, done);
        return;
      default: {
        const octets = bodyOf(request);
        if (octets > shortBody) {
          if (working.bodies + octets > limits.bodies) {
            throw overloaded('edit', 'too many long bodies are being received');
          }
          working.bodies += octets;
          reply.raw.once('close', () => {
            working.bodies -= octets;
          });
        }
        done();
      }
    }
  });
  // A place is taken when the body is there (slow clients shall hold none), and given back with the answer, also
  // where nobody waits for it any more: the work was done all the same.
  const enter = (request: FastifyRequest): void => {
    const of = classOf(request);
    if ((of === 'node' || of === 'edit') && request.place === null) {
      if (working[of] >= limits[of]) {
        throw overloaded(of, `${limits[of]} changes are under way`);
      }
      working[of]++;
      request.place = of;
    }
  };
  app.addHook('preValidation', (request, _, done) => {
    enter(request);
    done();
  });
  app.addHook('onSend', (request, _, payload, done) => {
    if (request.place !== null) {
      working[request.place]--;
      request.place = null;
    }
    done(null, payload);
  });
  return enter;
}

/** How long a body is, or may become where its length is not announced. */
function bodyOf({ headers, routeOptions }: FastifyRequest): number {
  if (headers['transfer-encoding'] !== undefined) {
    return routeOptions.bodyLimit;
  }
  return Number(headers['content-length'] ?? 0);
}
