import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kubelet } from '../../parts/catalogue.ts';
import { goPart } from '../../parts/go-part.ts';
import type { Daemon, Machine } from '../machine/machine.ts';
import { clusterDns, lan, type NodePlan } from '../plan.ts';
import { runtimeEndpoint } from './containerd.ts';

/**
 * kubelet on a node.
 *
 * @param cgroup its pods' cgroup, in every hierarchy: with the others' its kubelet would take their pods for orphans
 */
export function kubeletOf(
  machine: Machine,
  plan: NodePlan,
  { ca, kubeconfig, cgroup }: { ca: string; kubeconfig: string; cgroup: string },
): Daemon {
  const file = (name: string) => join(machine.folder, name);
  writeFileSync(file('resolv.conf'), `nameserver ${lan.gateway}\n`);
  const config = {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: ca },
    },
    authorization: { mode: 'Webhook' },
    containerRuntimeEndpoint: runtimeEndpoint,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroup,
    cgroupsPerQOS: true,
    enforceNodeAllocatable: ['pods'],
    failSwapOn: false,
    failCgroupV1: false,
    protectKernelDefaults: false,
    clusterDNS: [clusterDns],
    clusterDomain: 'cluster.local',
    resolvConf: file('resolv.conf'),
    volumePluginDir: '/var/lib/kubelet/volume-plugins',
    maxPods: 250,
    serializeImagePulls: false,
    registryPullQPS: 0,
    kubeAPIQPS: 200,
    kubeAPIBurst: 400,
    eventRecordQPS: 0,
    // An image that is deleted can't be pulled again.
    imageGCHighThresholdPercent: 100,
    evictionHard: {
      'memory.available': '100Mi',
      'nodefs.available': '0%',
      'imagefs.available': '0%',
      'nodefs.inodesFree': '0%',
    },
    nodeStatusUpdateFrequency: '5s',
  };
  writeFileSync(file('kubelet.json'), JSON.stringify(config, null, 2));
  return {
    name: 'kubelet',
    command: [
      join(goPart(kubelet), 'kubelet'),
      ...['--config', file('kubelet.json'), '--kubeconfig', kubeconfig],
      ...['--hostname-override', plan.name, '--node-ip', plan.address],
      ...['--root-dir', '/var/lib/kubelet', '--cert-dir', '/var/lib/kubelet/pki'],
    ],
  };
}
