import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flannel } from '../../parts/catalogue.ts';
import { goPart } from '../../parts/go-part.ts';
import { upstreamPlugin } from '../../runtimes/release.ts';
import type { Daemon, Machine } from '../machine/machine.ts';
import { overlayRange } from '../plan.ts';

/** What a node's pods get their network by. */
export interface ConfList {
  readonly cniVersion: string;
  readonly name: string;
  readonly plugins: readonly object[];
}

/** flanneld on a node; it wants the node's own part of the overlay to be known. */
export function flannelOf(machine: Machine, node: string, kubeconfig: string): Daemon {
  const file = join(machine.folder, 'flannel.json');
  const config = { Network: overlayRange, EnableIPv4: true, Backend: { Type: 'vxlan' } };
  writeFileSync(file, JSON.stringify(config));
  return {
    name: 'flanneld',
    command: [
      join(goPart(flannel), 'flanneld'),
      ...['--kube-subnet-mgr', '--ip-masq', '--iface=eth0', `--kubeconfig-file=${kubeconfig}`],
      `--net-config-path=${file}`,
    ],
    env: { NODE_NAME: node },
  };
}

/** Puts upstream's plugins among a node's. */
export function installPlugins(machine: Machine, names: readonly string[]): void {
  const folder = join(machine.disk, 'opt/cni/bin');
  mkdirSync(folder, { recursive: true });
  for (const name of names) {
    copyFileSync(upstreamPlugin(name), join(folder, name));
  }
}

/**
 * The conf list that flannel's own plugin would have come to: from the subnet that flanneld wrote down.
 *
 * @param subnet the text of its subnet.env
 */
export function flannelConfList(subnet: string): ConfList {
  const value = (name: string) => new RegExp(`^${name}=(.+)$`, 'm').exec(subnet)?.[1] ?? '';
  const ipam = {
    type: 'host-local',
    ranges: [[{ subnet: value('FLANNEL_SUBNET').replace(/\.1\//, '.0/') }]],
    routes: [{ dst: overlayRange }],
    dataDir: '/var/lib/cni/networks',
  };
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isDefaultGateway: true,
    hairpinMode: true,
    mtu: Number(value('FLANNEL_MTU')),
    ipam,
  };
  const portmap = { type: 'portmap', capabilities: { portMappings: true } };
  return { cniVersion: '1.0.0', name: 'cbr0', plugins: [bridge, portmap] };
}

/** Writes it; the node's pods are made by it. */
export function writeConfList(machine: Machine, subnet: string): void {
  const list = JSON.stringify(flannelConfList(subnet));
  writeFileSync(join(machine.disk, 'etc/cni/net.d/10-flannel.conflist'), list);
}

/** What flanneld wrote down of a node's subnet; null while it hasn't. */
export async function subnetOf(machine: Machine): Promise<string | null> {
  const { status, stdout } = await machine.enter(['cat', '/run/flannel/subnet.env']);
  return status === 0 && stdout.includes('FLANNEL_MTU') ? stdout : null;
}
