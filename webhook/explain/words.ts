import type { Exemption } from '../policy/exemption.ts';
import type { Mismatch } from '../policy/match.ts';
import { injectKey, ownNamespace } from '../policy/names.ts';

/** Why a rule does not match, with what it wants and what the pod has. */
export function mismatchWords(mismatch: Mismatch): string {
  switch (mismatch.field) {
    case 'namespaces':
      return `the namespace is ${mismatch.found}, not ${anyOf(mismatch.wanted)}`;
    case 'namespaceLabels':
      return mismatch.known
        ? `the namespace's label ${label(mismatch)}`
        : `the namespace's labels are not known here; ${mismatch.key} must be "${mismatch.wanted}"`;
    case 'labels':
      return `the pod's label ${label(mismatch)}`;
    case 'ownerKinds':
      return `the pod's controller is ${mismatch.found.join(', ')}, not ${anyOf(mismatch.wanted)}`;
    case 'serviceAccounts':
      return `the service account is ${mismatch.found}, not ${anyOf(mismatch.wanted)}`;
  }
}

/** Why a pod is never touched and never denied. */
export const exemptionWords: Readonly<Record<Exemption, string>> = {
  'host-network': 'it uses the network of its node (hostNetwork)',
  mirror: 'it is the mirror of a static pod',
  daemonset: 'a DaemonSet owns it, whose controller has chosen the node',
  bound: 'it is bound to a node already (spec.nodeName)',
  'opted-out': `it says ${injectKey}: "false"`,
  'own-namespace': `it belongs to realip itself (namespace ${ownNamespace})`,
};

function label({ key, wanted, found }: { key: string; wanted: string; found: string | undefined }): string {
  return found === undefined ? `${key} is absent, not "${wanted}"` : `${key} is "${found}", not "${wanted}"`;
}

function anyOf(wanted: readonly string[]): string {
  return wanted.length > 1 ? `one of ${wanted.join(', ')}` : (wanted[0] ?? '');
}
