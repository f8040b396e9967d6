import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import type { Logger } from 'winston';
import type { Problem } from '../../../core/problem/problem.ts';
import type { AllocationRequest } from '../../../schema/allocation.ts';
import {
  Batch,
  BatchAnswer,
  BatchHeaders,
  type BatchRelease,
  type BatchReleased,
} from '../../../schema/batch.ts';
import type { ProblemAnswer } from '../../../schema/problem.ts';
import type { Pods } from '../../kube/pods.ts';
import { release } from '../../ledger/allocation/release.ts';
import type { Each } from '../../ledger/command.ts';
import { allocatedIn, allocateOrRecall } from '../../ledger/nodes/wanted-warm.ts';
import { attachmentName } from '../../ledger/state/record.ts';
import { recall, remember } from '../../ledger/upkeep/idempotency.ts';
import type { Keeper } from '../../store/keeper.ts';
import { checkOwnNode, nodeIn, releaseBounds } from '../access.ts';
import { type Allocating, allocating } from '../allocating.ts';
import { answers } from '../answers.ts';
import { misshapen } from '../batch-items.ts';
import { type Caller, roleOf } from '../caller.ts';
import { contextOf } from '../context.ts';
import { problemOf } from '../errors.ts';
import type { ExhaustionLog } from '../exhaustion-log.ts';
import type { Metrics } from '../metrics.ts';
import { Outcomes } from '../outcomes.ts';
import { problemMembers } from '../problem-answer.ts';

/** Longest body of a batch, in octets. */
const bodyLimit = 8 * 1024 * 1024;

/** What a call was answered, packed for the store: addresses and MACs of a batch have much in common. */
const pack = (text: string) => deflateRawSync(text, { level: 1 }).toString('base64');
const unpack = (packed: string) => inflateRawSync(Buffer.from(packed, 'base64')).toString('utf8');

/** What a batch needs beside the ledger. */
export interface BatchParts {
  readonly log: Logger;
  readonly exhaustion: ExhaustionLog;
  /** Null without --kube. */
  readonly pods: Pods | null;
}

/** Many allocations and releases in one commit. */
export function batchRoutes(
  app: FastifyInstance,
  keeper: Keeper,
  metrics: Metrics,
  { log, exhaustion, pods }: BatchParts,
): void {
  app.post<{ Body: Batch; Headers: Static<typeof BatchHeaders> }>('/v1/allocations::batch', {
    config: { access: 'node', operation: 'batch', problems: ['IDEMPOTENCY_KEY_REUSED'] },
    bodyLimit,
    attachValidation: true,
    schema: {
      tags: ['allocations'],
      summary: 'Release and allocate many attachments in one commit',
      description:
        'Releases come first. Answers stand in the order of the items; an item that fails is a problem with ' +
        '`status` and `code`, changes nothing and fails no other. A node’s token is for that node’s items alone.',
      headers: BatchHeaders,
      body: Batch,
      response: answers({ 200: BatchAnswer }),
    },
    handler: async (request, reply) => {
      const { body, caller, headers, id } = request;
      const key = headers['idempotency-key'];
      const outcomes = new Outcomes();
      const faults = misshapen(request);
      const decideOn = await decidersOf(body, faults, caller, keeper, pods);
      const perform = (each: Each) =>
        JSON.stringify(
          performBatch(each, body, { faults, decideOn }, caller, outcomes, (problem, item) => {
            if (problem.code === 'INTERNAL_ERROR') {
              const { cause } = problem;
              const stack = cause instanceof Error ? cause.stack : String(cause);
              log.error('an item of a batch failed inside the server', { request: id, stack });
            } else if (problem.code === 'RANGE_EXHAUSTED' && 'node' in item) {
              exhaustion.tell(problem, item, id);
            }
          }),
        );
      const answer = await keeper.applyEach(
        key === undefined ? perform : once(`${roleOf(caller)}/${key}`, body, perform),
        contextOf(request),
      );
      outcomes.tell(metrics);
      return reply.type('application/json; charset=utf-8').send(answer);
    },
  });
}

/** Lets a call of a key happen once: answer and deed become durable together. */
function once(name: string, body: Batch, perform: (each: Each) => string): (each: Each) => string {
  const sha256 = createHash('sha256').update(JSON.stringify(body)).digest('hex');
  return (each) => {
    const kept = each((ledger, { now }) => ({ writes: [], answer: recall(ledger, name, sha256, now) }));
    if (kept !== null) {
      return unpack(kept);
    }
    const answer = perform(each);
    each((ledger, { now }) => remember(ledger, name, { at: now, sha256, answer: pack(answer) }));
    return answer;
  };
}

/** What is known of the items before they are decided on. */
interface Prepared {
  readonly faults: ReadonlyMap<unknown, Problem>;
  readonly decideOn: (item: AllocationRequest) => Allocating;
}

function performBatch(
  each: Each,
  batch: Batch,
  { faults, decideOn }: Prepared,
  caller: Caller,
  outcomes: Outcomes,
  onProblem: (problem: Problem, item: AllocationRequest | BatchRelease) => void,
): BatchAnswer {
  const attempt =
    <Item extends AllocationRequest | BatchRelease, Done>(perform: (item: Item) => Done) =>
    (item: Item): Done | ProblemAnswer => {
      try {
        const fault = faults.get(item);
        if (fault !== undefined) {
          checkOwnNode(caller, nodeIn(item));
          throw fault;
        }
        return perform(item);
      } catch (error) {
        const problem = problemOf(error);
        if (problem.code === 'STORE_UNAVAILABLE') {
          throw problem;
        }
        onProblem(problem, item);
        return problemMembers(problem);
      }
    };
  const released = (batch.release ?? []).map(
    attempt((item) => {
      const done = releaseItem(each, item, caller);
      outcomes.released(done.addresses.length > 0);
      return done;
    }),
  );
  const allocated = (batch.allocate ?? []).map(
    attempt((item) => outcomes.ofAllocation(() => allocatedIn(each(decideOn(item)))).allocation),
  );
  return { allocated, released };
}

/** What decides on each allocation, or throws why none can; pods are looked up before the batch, all at a time. */
async function decidersOf(
  { allocate = [], release: released = [] }: Batch,
  faults: ReadonlyMap<unknown, Problem>,
  caller: Caller,
  keeper: Keeper,
  pods: Pods | null,
): Promise<(item: AllocationRequest) => Allocating> {
  const plain = (item: AllocationRequest): Allocating => {
    checkOwnNode(caller, item.node);
    return (ledger, moment) => allocateOrRecall(ledger, item, moment);
  };
  if (pods === null) {
    return plain;
  }
  const items = allocate.filter((item) => !faults.has(item));
  const gone = new Set(released.filter((item) => !faults.has(item)).map(attachmentName));
  const looked = await Promise.all(
    items.map(async (item) => {
      try {
        checkOwnNode(caller, item.node);
        return { item, decide: await allocating(pods, keeper, item, caller, gone.has(attachmentName(item))) };
      } catch (error) {
        return { item, error };
      }
    }),
  );
  const byItem = new Map(looked.map((each) => [each.item, each]));
  return (item) => {
    const { decide, error } = byItem.get(item) ?? {};
    if (decide === undefined) {
      throw error;
    }
    return decide;
  };
}

function releaseItem(each: Each, { generation, ...key }: BatchRelease, caller: Caller): BatchReleased {
  const bounds = releaseBounds(caller, generation);
  const record = each((ledger, moment) => release(ledger, key, bounds, moment));
  return { ...key, addresses: record?.ips.map(({ address }) => address) ?? [] };
}
