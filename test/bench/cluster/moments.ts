import { isReady } from '../../cluster/conditions.ts';

/** What a watch of the API server sends of a pod. */
export interface PodEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: {
    readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
    readonly spec: { readonly nodeName?: string };
    readonly status: Parameters<typeof isReady>[0]['status'] & {
      readonly phase?: string;
      readonly podIP?: string;
    };
  };
}

/** When the watch first told something of a pod, in milliseconds of this process's clock; and what address it has. */
export interface Moments {
  readonly made?: number;
  readonly bound?: number;
  /** Running and Ready: without probes both come at once. */
  readonly running?: number;
  /** Its end was asked for. */
  readonly ending?: number;
  readonly gone?: number;
  readonly address?: string;
}

/** What is known of a pod after an event that came at `at`. */
export function after(before: Moments, { type, object }: PodEvent, at: number): Moments {
  const { metadata, spec, status } = object;
  const isRunning = status.phase === 'Running' && isReady(object);
  return {
    ...(type === 'ADDED' && { made: at }),
    ...(spec.nodeName !== undefined && { bound: at }),
    ...(isRunning && { running: at }),
    ...(metadata.deletionTimestamp !== undefined && { ending: at }),
    ...(type === 'DELETED' && { gone: at }),
    ...(status.podIP !== undefined && { address: status.podIP }),
    // What came first stays.
    ...before,
  };
}
