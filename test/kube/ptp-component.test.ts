import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { kubernetes } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';
import { firstStartMs } from './cluster.ts';

const single = join(import.meta.dirname, '../../manifests/overlays/single');

test(
  'the agents of nodes with ptp are the base’s own but for the nodes that they choose and the conf list, and no node has both',
  () => {
    const text = execFileSync(join(goPart(kubernetes), 'kubectl'), ['kustomize', single], {
      encoding: 'utf8',
    });
    const objects = parseAllDocuments(text).map((document) => document.toJS());
    const ofKind = (kind: string) => objects.filter((each) => each.kind === kind);
    const [agent, ptp, ...others] = ofKind('DaemonSet');
    expect(others).toEqual([]);
    expect([agent.metadata.name, ptp.metadata.name]).toEqual(['realip-agent', 'realip-agent-ptp']);
    const dataplane = { 'realip.io/dataplane': 'ptp' };
    expect(agent.spec.template.spec.affinity).toEqual({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'realip.io/dataplane', operator: 'NotIn', values: ['ptp'] }] },
          ],
        },
      },
    });
    const expected = structuredClone(agent);
    expected.metadata = {
      ...agent.metadata,
      name: 'realip-agent-ptp',
      labels: { ...agent.metadata.labels, ...dataplane },
    };
    Object.assign(expected.spec.selector.matchLabels, dataplane);
    const { metadata, spec } = expected.spec.template;
    Object.assign(metadata.labels, dataplane);
    Object.assign(spec.nodeSelector, dataplane);
    delete spec.affinity;
    spec.volumes[0].configMap.items = [{ key: 'ptp.conflist', path: '00-realip.conflist' }];
    expect(ptp).toEqual(expected);
    const lists = ofKind('ConfigMap').filter(({ metadata }) => metadata.name.startsWith('realip-conf-'));
    expect(lists.map(({ metadata, data }) => [metadata.name, Object.keys(data)])).toEqual([
      [spec.volumes[0].configMap.name, ['00-realip.conflist', 'ptp.conflist']],
    ]);
  },
  firstStartMs,
);
