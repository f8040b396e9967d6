import type { GoPart } from './go-part.ts';

/** The third parties that tests and benches are held against, at the versions they are held against. */
export const cniPlugins: GoPart = {
  name: 'cni-plugins',
  module: 'github.com/containernetworking/plugins',
  version: 'v1.9.1',
  packages: [
    ...['main/macvlan', 'main/bridge', 'ipam/host-local', 'ipam/static', 'ipam/dhcp'],
    ...['meta/tuning', 'meta/portmap', 'meta/bandwidth', 'meta/firewall'],
  ].map((path) => `github.com/containernetworking/plugins/plugins/${path}`),
};

export const etcd: GoPart = {
  name: 'etcd',
  module: 'go.etcd.io/etcd/server/v3',
  version: 'v3.6.5',
  packages: [{ path: 'go.etcd.io/etcd/server/v3', as: 'etcd' }],
};
