import { Problem } from '../../core/problem/problem.ts';
import { isMapping, type Mapping, member } from './mapping.ts';

/** A Kubernetes object as somebody wrote it. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  /** Empty where the object has none (yet). */
  readonly name: string;
  /** Empty where the object names none. */
  readonly namespace: string;
  readonly value: Mapping;
}

/** @throws Problem OBJECT_UNEXPLAINABLE for what is no Kubernetes object, saying where it stands */
export function kubeObject(value: unknown, where: string): KubeObject {
  const [apiVersion, kind] = [member(value, 'apiVersion'), member(value, 'kind')];
  if (!isMapping(value) || typeof apiVersion !== 'string' || typeof kind !== 'string') {
    throw new Problem('OBJECT_UNEXPLAINABLE', `${where}: no Kubernetes object: it needs apiVersion and kind`);
  }
  const metadata = member(value, 'metadata') ?? {};
  if (!isMapping(metadata)) {
    throw new Problem('OBJECT_UNEXPLAINABLE', `${where}: metadata must be a mapping`);
  }
  const text = (key: string) => {
    const found = member(metadata, key) ?? '';
    if (typeof found !== 'string') {
      throw new Problem('OBJECT_UNEXPLAINABLE', `${where}: metadata.${key} must be text`);
    }
    return found;
  };
  return {
    apiVersion,
    kind,
    name: text('name') || text('generateName'),
    namespace: text('namespace'),
    value,
  };
}

/** `Deployment shop/web`, in words for people. */
export function objectName({
  kind,
  namespace,
  name,
}: {
  kind: string;
  namespace: string;
  name: string;
}): string {
  const place = [namespace, name].filter((part) => part !== '').join('/');
  return place === '' ? kind : `${kind} ${place}`;
}
