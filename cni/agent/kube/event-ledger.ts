import type { ToldPod } from '../doors.ts';

/** Milliseconds in which one pod hears one reason once, however often it is told. */
export const quiet = 5 * 60_000;

/** The API server forgets events an hour after their last change (--event-ttl): later it is a new one. */
const remembered = 60 * 60_000;

/** More pods than any node has; the oldest are forgotten. */
const mostRemembered = 1_000;

/** What is to be sent for a telling. */
export type EventDue =
  | { readonly is: 'create'; readonly event: KubeEvent }
  | {
      readonly is: 'patch';
      readonly event: KubeEvent;
      /** The event's own path, below /api/v1. */
      readonly path: string;
    };

/** A core/v1 Event, in the fields that are used. */
export interface KubeEvent {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly involvedObject: {
    readonly apiVersion: 'v1';
    readonly kind: 'Pod';
    readonly namespace: string;
    readonly name: string;
    readonly uid?: string;
  };
  readonly type: 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly source: { readonly component: string; readonly host: string };
  readonly reportingComponent: string;
  readonly reportingInstance: string;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly count: number;
}

interface Said {
  event: KubeEvent;
  sentAt: number;
  unsaid: number;
}

const component = 'realip-agent';

/** Which events there are, and what a telling comes to: a new one, one more of the same, or nothing yet. */
export class EventLedger {
  readonly #node: string;
  readonly #said = new Map<string, Said>();
  #serial = 0;

  constructor(node: string) {
    this.#node = node;
  }

  /** @param now milliseconds since 1970 */
  told(pod: ToldPod, reason: string, message: string, now: number): EventDue | undefined {
    const key = `${pod.namespace}/${pod.name}/${pod.uid ?? ''}/${reason}`;
    const said = this.#said.get(key);
    if (said === undefined || now - said.sentAt >= remembered) {
      const event = this.#event(pod, reason, message, now);
      this.#remember(key, { event, sentAt: now, unsaid: 0 });
      return { is: 'create', event };
    }
    said.unsaid += 1;
    if (now - said.sentAt < quiet) {
      return undefined;
    }
    const count = said.event.count + said.unsaid;
    const event = { ...said.event, message, count, lastTimestamp: new Date(now).toISOString() };
    this.#remember(key, { event, sentAt: now, unsaid: 0 });
    const { name, namespace } = event.metadata;
    return { is: 'patch', event, path: `/namespaces/${namespace}/events/${name}` };
  }

  #remember(key: string, said: Said): void {
    this.#said.delete(key);
    this.#said.set(key, said);
    for (const oldest of this.#said.keys()) {
      if (this.#said.size <= mostRemembered) {
        break;
      }
      this.#said.delete(oldest);
    }
  }

  #event({ namespace, name, uid }: ToldPod, reason: string, message: string, now: number): KubeEvent {
    this.#serial += 1;
    const time = new Date(now).toISOString();
    // As kubelet names its own: the pod, and something that no other event has.
    const suffix = `${now.toString(16)}${this.#serial.toString(16)}`;
    const stem = name.slice(0, 220).replace(/[^a-z0-9]+$/, '');
    return {
      metadata: { name: `${stem}.${suffix}`, namespace },
      involvedObject: {
        apiVersion: 'v1',
        kind: 'Pod',
        namespace,
        name,
        ...(uid === undefined ? {} : { uid }),
      },
      type: 'Warning',
      reason,
      message: message.slice(0, 1024),
      source: { component, host: this.#node },
      reportingComponent: component,
      reportingInstance: this.#node,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    };
  }
}
