import { injectKey, ownNamespace } from './names.ts';
import { type Pod, textAt } from './pod.ts';

/** Why a pod is never touched and never denied. */
export type Exemption = 'host-network' | 'mirror' | 'daemonset' | 'bound' | 'opted-out' | 'own-namespace';

const mirrorKey = 'kubernetes.io/config.mirror';

/**
 * The reason to keep away from a pod, or null.
 *
 * Mirror pods and bound pods run on their node already. A DaemonSet's controller pins each pod to a node by
 * `matchFields`; a selector added to it leaves Pending pods or loops of creation and deletion
 * (kubernetes#51788, #60960). The kind alone counts, because OpenKruise's DaemonSet pins its pods likewise.
 */
export function exemptionOf(pod: Pod, namespace: string): Exemption | null {
  const { labels, annotations, ownerReferences } = pod.metadata ?? {};
  if (namespace === ownNamespace) {
    return 'own-namespace';
  }
  if (pod.spec.hostNetwork === true) {
    return 'host-network';
  }
  if (textAt(annotations, mirrorKey) !== undefined) {
    return 'mirror';
  }
  if (ownerReferences?.some(({ kind }) => kind === 'DaemonSet')) {
    return 'daemonset';
  }
  if (pod.spec.nodeName) {
    return 'bound';
  }
  if (textAt(labels, injectKey) === 'false' || textAt(annotations, injectKey) === 'false') {
    return 'opted-out';
  }
  return null;
}
