import { Fields } from '../../core/cni/fields.ts';

/** Of a node (core/v1). */
export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: string;
}

/** What the manifests give macvlan nodes, for one that isn't tainted yet. */
const usual: Taint = { key: 'realip.io/zone-type', value: 'macvlan', effect: 'NoSchedule' };
const ownPrefix = 'realip.io/';

/** The taints of realip's that a node has, or is going to have. @param node its object */
export function taintsOf(node: unknown): readonly Taint[] {
  const own = lenient(node)
    .object('spec')
    .objects('taints')
    .map((each) => ({
      key: each.text('key') ?? '',
      value: each.text('value') ?? '',
      effect: each.text('effect') ?? '',
    }))
    .filter(({ key, effect }) => key.startsWith(ownPrefix) && effect !== 'PreferNoSchedule');
  return own.length > 0 ? own : [usual];
}

/**
 * The DaemonSets that want to be on a node, and are kept away by a taint.
 *
 * @param list a DaemonSetList of apps/v1
 * @returns `namespace/name` of each
 */
export function intolerant(list: unknown, node: unknown, taints: readonly Taint[]): string[] {
  const labels = lenient(node).object('metadata').object('labels');
  return lenient(list)
    .objects('items')
    .filter((each) => {
      const pod = each.object('spec').object('template').object('spec');
      const wanted = pod.object('nodeSelector');
      const isMeant = wanted.keys.every((key) => wanted.text(key) === labels.text(key));
      return (
        isMeant && !taints.every((taint) => pod.objects('tolerations').some((one) => tolerates(one, taint)))
      );
    })
    .map((each) => each.object('metadata'))
    .map((metadata) => `${metadata.text('namespace')}/${metadata.text('name')}`);
}

/** As the scheduler does (core/v1, Toleration): what is absent matches all. */
function tolerates(toleration: Fields, taint: Taint): boolean {
  const [key, effect] = [toleration.text('key') ?? '', toleration.text('effect') ?? ''];
  if ((effect !== '' && effect !== taint.effect) || (key !== '' && key !== taint.key)) {
    return false;
  }
  return (
    toleration.text('operator') === 'Exists' ||
    (key !== '' && (toleration.text('value') ?? '') === taint.value)
  );
}

function lenient(value: unknown): Fields {
  return new Fields(value, () => undefined);
}
