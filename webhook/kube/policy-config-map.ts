import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { nearest } from '../../document/nearest.ts';
import type { Companion } from '../companion.ts';
import { usualKey } from '../policy/manifest.ts';
import type { PolicyListener, PolicySource } from '../policy-source.ts';
import { StartError } from '../start-error.ts';
import { ApiServer } from './api-server.ts';
import { Listed, messageOf } from './listed.ts';

const scheme = 'configmap:';

/** A ConfigMap's entry that holds a policy. */
export interface ConfigMapKey {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

interface RawConfigMap {
  readonly data?: Readonly<Record<string, string>> | null;
}

/** The text, or why there is none. */
interface Entry {
  readonly text: string | null;
  readonly why: string;
}

export interface ConfigMapLog {
  warn(message: string, facts: object): void;
}

/**
 * What `configmap:NAMESPACE/NAME[/KEY]` names; null for any other text, which is a file.
 *
 * @throws Problem FLAG_INVALID
 */
export function configMapNamed(text: string): ConfigMapKey | null {
  if (!text.startsWith(scheme)) {
    return null;
  }
  const [namespace, name, key = usualKey, ...rest] = text.slice(scheme.length).split('/');
  if (!namespace || !name || !key || rest.length > 0) {
    throw new Problem('FLAG_INVALID', `--policy "${text}" is not of the form configmap:NAMESPACE/NAME[/KEY]`);
  }
  return { namespace, name, key };
}

/**
 * The policy in a ConfigMap, by list and watch of that one object: an edit counts at once, not after the minute that
 * a mounted one takes. Needs get, list and watch on it.
 *
 * @throws StartError when it is not there or can't be read; Problem CLUSTER_UNKNOWN where there is no cluster
 */
export async function policyFromConfigMap(wanted: ConfigMapKey, log: ConfigMapLog): Promise<PolicySource> {
  const { namespace, name, key } = wanted;
  const api = await ApiServer.open();
  const label = `${scheme}${namespace}/${name}/${key}`;
  const refuse = (reason: string) => new StartError([`${label}:1: ${reason}`]);
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/configmaps`;

  const answer = await api
    .call({ method: 'GET', path: `${path}/${encodeURIComponent(name)}` })
    .catch((error: unknown) => {
      throw refuse(`the API server can't be asked for the ConfigMap: ${reasonOf(error)}`);
    });
  if (answer.status !== 200) {
    throw refuse(`the ConfigMap can't be read: ${answer.status} ${messageOf(answer.body)}`);
  }
  const { text: first, why } = entryOf(answer.body as RawConfigMap, key);
  if (first === null) {
    throw refuse(why);
  }
  return {
    name: label,
    first,
    watched: (listener) => watched(api, path, wanted, first, listener, log),
  };
}

function watched(
  api: ApiServer,
  path: string,
  { name, key }: ConfigMapKey,
  first: string,
  listener: PolicyListener,
  log: ConfigMapLog,
): Companion {
  let told: Entry = { text: first, why: '' };
  const objects = new Listed<Entry>({
    api,
    path,
    fieldSelector: `metadata.name=${name}`,
    keep: (raw: RawConfigMap) => entryOf(raw, key),
    changed: (_, __, now = { text: null, why: 'the ConfigMap was deleted' }) => {
      if (now.text === told.text && now.why === told.why) {
        return;
      }
      told = now;
      if (now.text === null) {
        listener.lost(now.why);
      } else {
        listener.changed(now.text);
      }
    },
    broken: (reason) =>
      log.warn('the watch on the policy’s ConfigMap broke; it is begun again', { error: reason }),
  });
  return { start: () => void objects.run(), stop: () => objects.stop() };
}

function entryOf({ data }: RawConfigMap, key: string): Entry {
  const text = data && Object.hasOwn(data, key) ? data[key] : undefined;
  if (text !== undefined) {
    return { text, why: '' };
  }
  const keys = Object.keys(data ?? {});
  const near = nearest(key, keys);
  const known = keys.length === 0 ? 'it has none' : `it has ${keys.join(', ')}`;
  const hint = near === undefined ? known : `did you mean "${near}"?`;
  return { text: null, why: `the ConfigMap has no key "${key}"; ${hint}` };
}
