import { Ip } from '../../core/address/ip.ts';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { AllocationRequest, Pod } from '../../schema/allocation.ts';
import { spareLimit } from '../../schema/allocation.ts';
import { formats } from '../../schema/format.ts';

/** What a pod's annotations ask for. */
export interface Wishes {
  readonly addresses?: AllocationRequest['addresses'];
  readonly keeping: Pick<Pod, 'sticky' | 'retain' | 'spare'>;
}

/**
 * The wishes in the annotations `realip.io/addresses`, `sticky`, `retain` and `spare`; an empty one is none.
 *
 * @throws Problem ANNOTATION_INVALID, which names the annotation: another address than the wanted one is no help
 */
export function wishesOf(annotations: Readonly<Record<string, string>>): Wishes {
  const read = <Value>(name: string, parse: (text: string) => Value): Value | undefined => {
    const text = annotations[`realip.io/${name}`];
    try {
      return text ? parse(text) : undefined;
    } catch (error) {
      throw new Problem('ANNOTATION_INVALID', `the pod’s annotation realip.io/${name}: ${reasonOf(error)}`);
    }
  };
  const addresses = read('addresses', (text) => text.split(',').map((part) => Ip.parse(part).toString()));
  const sticky = read('sticky', (text) => {
    if (text === 'pod' || text === 'owner') {
      return text;
    }
    throw new Error(`"${text}" is neither pod nor owner`);
  });
  const retain = read('retain', (text) => {
    formats['time-span'](text);
    return text;
  });
  const spare = read('spare', (text) => {
    if (/^\d{1,6}$/.test(text) && Number(text) <= spareLimit) {
      return Number(text);
    }
    throw new Error(`"${text}" is no number up to ${spareLimit}`);
  });
  return {
    ...(addresses === undefined ? {} : { addresses }),
    keeping: {
      ...(sticky === undefined ? {} : { sticky }),
      ...(retain === undefined ? {} : { retain }),
      ...(spare === undefined ? {} : { spare }),
    },
  };
}
