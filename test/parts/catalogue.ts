import type { DebianPart } from './debian-part.ts';
import type { GoPart } from './declaration.ts';

/** The third parties that tests and benches are held against, at the versions they are held against. */
export const cniPlugins: GoPart = {
  name: 'cni-plugins',
  module: 'github.com/containernetworking/plugins',
  version: 'v1.9.1',
  sum: 'h1:8oU6WsIsU3bpnNZuvHp74a6cE1MJwbj2P7s4/yTUNlA=',
  packages: [
    ...['main/macvlan', 'main/bridge', 'main/loopback', 'ipam/host-local', 'ipam/static', 'ipam/dhcp'],
    ...['meta/tuning', 'meta/portmap', 'meta/bandwidth', 'meta/firewall', 'meta/sbr'],
  ].map((path) => `github.com/containernetworking/plugins/plugins/${path}`),
};

/** libcni's own command: it drives conf lists as a runtime would. */
export const cnitool: GoPart = {
  name: 'cnitool',
  module: 'github.com/containernetworking/cni',
  version: 'v1.3.1',
  sum: 'h1:gnHlU/YC1bJcS+CSh+pYQKeuu4O4gsMGW1NMaLhkzW4=',
  packages: ['github.com/containernetworking/cni/cnitool'],
};

export const etcd: GoPart = {
  name: 'etcd',
  module: 'go.etcd.io/etcd/server/v3',
  version: 'v3.6.5',
  sum: 'h1:4RbUb1Bd4y1WkBHmuF+cZII83JNQMuNXzyjwigQ06y0=',
  packages: [{ path: 'go.etcd.io/etcd/server/v3', as: 'etcd' }],
};

const kubeVersion = 'k8s.io/component-base/version';

/** What all of Kubernetes' programs share: one after the other they build little anew. */
const ofKubernetes = {
  module: 'k8s.io/kubernetes',
  version: 'v1.34.4',
  sum: 'h1:Yy6R4QB8C9kJPp25GFqEvX5XQwY5qzKeqD0Xx6oAcmk=',
  wrapper: 'kubernetes',
  variables: {
    [`${kubeVersion}.gitVersion`]: 'v1.34.4',
    [`${kubeVersion}.gitMajor`]: '1',
    [`${kubeVersion}.gitMinor`]: '34',
  },
};

/** Kubernetes' control plane. Its first build takes ten minutes on two free cores, most of it the API server's. */
export const kubernetes: GoPart = {
  ...ofKubernetes,
  name: 'kubernetes',
  packages: ['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'kube-proxy', 'kubectl'].map(
    (name) => `k8s.io/kubernetes/cmd/${name}`,
  ),
};

/** A node's own program; apart, since most tests with a control plane have no nodes that run pods. */
export const kubelet: GoPart = {
  ...ofKubernetes,
  name: 'kubelet',
  packages: ['k8s.io/kubernetes/cmd/kubelet'],
};

/** The program in the image of Kubernetes' own end-to-end tests: servers and clients of many kinds. */
export const agnhost: GoPart = {
  ...ofKubernetes,
  name: 'agnhost',
  packages: ['k8s.io/kubernetes/test/images/agnhost'],
  files: ['localhost.crt', 'localhost.key'].map((name) => ({
    module: 'k8s.io/kubernetes',
    path: `test/images/agnhost/porter/${name}`,
  })),
};

/**
 * Kubernetes' own end-to-end tests, as one program. It is built where they are asked for, and nowhere else: its first
 * build takes eight minutes on two free cores.
 */
export const e2e: GoPart = {
  ...ofKubernetes,
  name: 'e2e',
  packages: [{ path: 'k8s.io/kubernetes/test/e2e', as: 'e2e.test' }],
  isTest: true,
};

/** A cluster's DNS, with a dozen plugins of fifty-odd: two fifths fewer packages to compile. */
export const coredns: GoPart = {
  name: 'coredns',
  module: 'github.com/coredns/coredns',
  version: 'v1.14.7',
  sum: 'h1:UPDkn4QN+xyNfjz3U5ldgoLszDYpMZEJoy3+ze9au4Q=',
  packages: [{ path: '.', as: 'coredns' }],
  wrapper: 'coredns',
};

/** The overlay's daemon, with VXLAN alone: one of the other back ends is not to be had, another needs a C compiler. */
export const flannel: GoPart = {
  name: 'flannel',
  module: 'github.com/flannel-io/flannel',
  version: 'v0.28.4',
  sum: 'h1:6O4wGCrCTl0Gf5BBpxfOJgOstkxZhEx3ZXzcKRopH8Q=',
  packages: [{ path: '.', as: 'flanneld' }],
  wrapper: 'flannel',
  main: { file: 'main.go', without: /pkg\/backend\/(?!vxlan)\w+"/ },
  variables: { 'github.com/flannel-io/flannel/pkg/version.Version': 'v0.28.4' },
};

/** What holds a pod's namespaces open: a few lines of our own. */
export const pause: GoPart = {
  name: 'pause',
  module: 'realip.io/test/parts/pause',
  version: 'v1',
  packages: [{ path: '.', as: 'pause' }],
  wrapper: 'pause',
};

export const containerd: GoPart = {
  name: 'containerd',
  module: 'github.com/containerd/containerd/v2',
  version: 'v2.4.2',
  sum: 'h1:p6Qg+xbEz8lvwdhHDx0U469xENvp4LgGBx+E7djXkGw=',
  packages: ['containerd', 'containerd-shim-runc-v2', 'ctr'].map(
    (name) => `github.com/containerd/containerd/v2/cmd/${name}`,
  ),
  files: [{ module: 'k8s.io/cri-api', path: 'pkg/apis/runtime/v1/api.proto' }],
};

/** containerd 1.6 in Debian 12. */
export const debianContainerd: DebianPart = {
  name: 'containerd',
  packages: ['containerd', 'runc', 'busybox-static'],
};

/** What the images of Kubernetes' end-to-end tests hold beside what every Debian machine has: dig, nc, their libraries. */
export const conformanceTools: DebianPart = {
  name: 'conformance',
  packages: [
    ...[
      'bind9-dnsutils',
      'bind9-host',
      'bind9-libs',
      'netcat-openbsd',
      'libbsd0',
      'libmd0',
      'libedit2',
      'libfstrm0',
    ],
    ...[
      'libjemalloc2',
      'libjson-c5',
      'liblmdb0',
      'libmaxminddb0',
      'libnghttp2-14',
      'libprotobuf-c1',
      'libuv1',
    ],
    ...['libxml2', 'libicu72', 'libidn2-0', 'libunistring2', 'libgssapi-krb5-2', 'libkrb5-3', 'libk5crypto3'],
    ...['libkrb5support0', 'libkeyutils1', 'libcom-err2', 'liblzma5', 'libtinfo6', 'zlib1g', 'libssl3'],
  ],
};

/** The oldest etcd that can keep a ledger, 3.4, is Debian 12's. */
export const oldestEtcd: DebianPart = { name: 'etcd', packages: ['etcd-server'] };

/** promtool in Debian 12's prometheus; unpacked, so that no Prometheus is started. */
export const prometheus: DebianPart = { name: 'prometheus', packages: ['prometheus'] };
