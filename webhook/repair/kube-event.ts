import { hostname } from 'node:os';
import type { StoredPod } from './stored-pod.ts';
import type { Notice } from './words.ts';

const component = 'realip-webhook';

/**
 * A core/v1 Event on a pod. Its name follows from pod and reason, so that one event stays one, whoever tells it and
 * however often.
 */
export function kubeEvent({ namespace, name, uid }: StoredPod, notice: Notice, now: Date) {
  const { type, reason, message } = notice;
  const stem = name.slice(0, 180).replace(/[^a-z0-9]+$/, '');
  const time = now.toISOString();
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${stem}.${reason.toLowerCase()}.${uid.slice(0, 13)}`, namespace },
    involvedObject: { apiVersion: 'v1', kind: 'Pod', namespace, name, uid },
    type,
    reason,
    message: message.slice(0, 1024),
    source: { component },
    reportingComponent: component,
    reportingInstance: hostname(),
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
}
