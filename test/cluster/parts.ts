import { buildParts } from '../parts/build-parts.ts';
import {
  agnhost,
  cniPlugins,
  containerd,
  coredns,
  debianContainerd,
  etcd,
  flannel,
  kubelet,
  kubernetes,
  pause,
} from '../parts/catalogue.ts';
import { debianPart } from '../parts/debian-part.ts';
import type { Tell } from './progress.ts';

const parts = [kubernetes, kubelet, agnhost, etcd, containerd, cniPlugins, flannel, coredns, pause];

/** Builds what a cluster is made of, as far as it isn't there yet. @throws Error with Go's or apt's own message */
export function provideParts(tell: Tell): void {
  buildParts(parts, tell);
  debianPart(debianContainerd);
}
