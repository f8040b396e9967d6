import { reasonOf } from '../../core/problem/problem.ts';
import { kubePlace } from '../agent/kube/api-server.bun.ts';
import { files } from '../files.ts';
import { inWords } from '../install/in-words.ts';
import { type Finding, ok, warning } from './finding.ts';
import { intolerant, taintsOf } from './tolerations.ts';

/**
 * Asks the cluster, where this runs in one, for DaemonSets that the taint of realip's nodes keeps away: what else a
 * node needs (monitoring, logs, storage) would be missing there.
 *
 * @param node its name
 */
export async function judgeCluster(node: string, timeoutMs: number): Promise<Finding[]> {
  const place = kubePlace(process.env);
  if (place === undefined) {
    return [ok('cluster', 'no cluster is connected (no service account): its DaemonSets were not asked for')];
  }
  process.env['NO_PROXY'] = process.env['no_proxy'] = '*';
  const read = (name: string) => files().readFileSync(`${place.folder}/${name}`, 'utf8');
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(place.url + path, {
      headers: { authorization: `Bearer ${read('token').trim()}` },
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
      tls: { ca: read('ca.crt') },
    });
    if (!answer.ok) {
      throw new Error(`${path}: ${answer.status}`);
    }
    return answer.json();
  };
  try {
    const [object, list] = await Promise.all([get(`/api/v1/nodes/${node}`), get('/apis/apps/v1/daemonsets')]);
    const found = intolerant(list, object, taintsOf(object));
    return found.length === 0
      ? [ok('cluster', 'the DaemonSets that are meant for this node tolerate its taint')]
      : [
          warning(
            'daemonset-intolerant',
            `the taint of this node keeps DaemonSets away: ${inWords(found)}`,
            'Give them the toleration {"key": "realip.io/zone-type", "operator": "Exists"}, or leave them out knowingly.',
          ),
        ];
  } catch (error) {
    return [ok('cluster', `the cluster was not asked for its DaemonSets: ${reasonOf(error)}`)];
  }
}
