import type { Exception } from './judgement.ts';

/** What can't pass, and why: each was run, and its failure looked into. */
export const exceptions: readonly Exception[] = [
  {
    spec: '[sig-network] HostPort validates that there is no conflict between pods with same hostPort but different hostIP and protocol [LinuxOnly] [Conformance]',
    planes: ['macvlan'],
    reason:
      'a pod on a macvlan has no host ports: what others send it goes past its node, where portmap’s rules would be',
  },
];
