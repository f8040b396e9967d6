import type { Pod } from '../../../schema/allocation.ts';
import { type AllocationRecord, attachmentName } from '../state/record.ts';

/** `namespace/name` of a pod, as searches name it. */
export function podName(record: { readonly pod?: Pod | undefined }): string | undefined {
  return record.pod && `${record.pod.namespace}/${record.pod.name}`;
}

/** Who an attachment is, in words for messages. */
export function describe(record: AllocationRecord): string {
  const pod = podName(record);
  const attachment = attachmentName(record);
  return `${pod === undefined ? '' : `pod ${pod}, `}attachment ${attachment} on node ${record.node}`;
}
