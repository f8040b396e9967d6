import { join } from 'node:path';
import { cniPlugins, containerd, debianContainerd } from '../parts/catalogue.ts';
import { debianPart } from '../parts/debian-part.ts';
import { goPart } from '../parts/go-part.ts';

/** A containerd to test with, and the version of CNI that an admin configures for it. */
export interface Release {
  /** Folder of containerd, its shim and ctr. */
  readonly programs: string;
  readonly cniVersion: string;
}

/** What Debian has: containerd 1.6 in version 12. */
export function debianRelease(): Release {
  return { programs: debian('usr/bin'), cniVersion: '1.0.0' };
}

/** containerd 2, built from its module when it isn't yet. */
export function builtRelease(): Release {
  return { programs: goPart(containerd), cniVersion: '1.1.0' };
}

/** CRI's description, which comes along with containerd 2; the same for both. */
export function criProto(): string {
  return join(goPart(containerd), 'api.proto');
}

/** One of upstream's plugins. */
export function upstreamPlugin(name: string): string {
  return join(goPart(cniPlugins), name);
}

/** Folder of runc. */
export function runcFolder(): string {
  return debian('usr/sbin');
}

/** A static busybox. */
export function busyboxFile(): string {
  return debian('bin/busybox');
}

function debian(path: string): string {
  return join(debianPart(debianContainerd), path);
}
