import type { Scene } from './scene.ts';
import { bothZones } from './scenes/both-zones.ts';
import { officeAndPods, registry } from './scenes/office.ts';
import { overlayOnly } from './scenes/overlay-only.ts';
import { placement } from './scenes/placement.ts';
import { services } from './scenes/services.ts';
import { withoutKubeProxy } from './scenes/without-kube-proxy.ts';

/** All that is to be seen on a cluster with realip. */
export const scenes: readonly Scene[] = [
  placement,
  overlayOnly('inside', 'old-billing'),
  officeAndPods,
  registry,
  bothZones,
  services,
  withoutKubeProxy,
];
