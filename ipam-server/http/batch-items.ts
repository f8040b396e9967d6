import type { FastifyRequest } from 'fastify';
import type { TSchema } from 'typebox';
import type { Problem } from '../../core/problem/problem.ts';
import { AllocationRequest } from '../../schema/allocation.ts';
import { type Batch, BatchEnvelope, BatchRelease } from '../../schema/batch.ts';
import { invalidRequest } from './validation.ts';

/**
 * What is wrong with the shape of single items of a batch: each of them fails by itself. A batch is validated in one
 * go; only one with a fault is gone through item by item.
 *
 * @returns by item as it stands in the body; those that are well shaped are not in it
 * @throws Problem INVALID_REQUEST, or what the validation found, when it is no item's fault
 */
export function misshapen(request: FastifyRequest<{ Body: Batch }>): ReadonlyMap<unknown, Problem> {
  const { validationError: error, body } = request;
  if (error === undefined) {
    return new Map();
  }
  if (error.validationContext !== 'body') {
    throw error;
  }
  const fault = faultOf(request, BatchEnvelope, body, '');
  if (fault !== undefined) {
    throw fault;
  }
  const { release = [], allocate = [] } = body;
  const faults = [
    ...release.map((item, at) => [item, faultOf(request, BatchRelease, item, `/release/${at}`)] as const),
    ...allocate.map(
      (item, at) => [item, faultOf(request, AllocationRequest, item, `/allocate/${at}`)] as const,
    ),
  ];
  return new Map(faults.flatMap(([item, found]) => (found === undefined ? [] : [[item, found]])));
}

function faultOf(request: FastifyRequest, schema: TSchema, value: unknown, at: string): Problem | undefined {
  const validate = request.compileValidationSchema(schema);
  const [found] = validate(value) ? [] : (validate.errors ?? []);
  return found && invalidRequest('body', { ...found, instancePath: at + found.instancePath });
}
