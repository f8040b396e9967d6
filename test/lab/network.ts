import { Namespace } from './namespace.ts';
import { lan, type NodePlan, nodes, office, overlay, port } from './plan.ts';

/** The machines of the lab. */
export interface Network {
  readonly switch: Namespace;
  readonly gateway: Namespace;
  readonly office: Namespace;
  readonly control: Namespace;
  readonly nodes: ReadonlyMap<string, Namespace>;
}

export function nodeOf(network: Network, name: string): Namespace {
  const node = network.nodes.get(name);
  if (node === undefined) {
    throw new Error(`the lab has no node ${name}`);
  }
  return node;
}

/** Lays the cables: a switch with every machine on it, and the office behind the gateway. */
export async function buildNetwork(): Promise<Network> {
  const network: Network = {
    switch: new Namespace('switch'),
    gateway: new Namespace('gateway'),
    office: new Namespace('office'),
    control: new Namespace('control'),
    nodes: new Map(nodes.map((node) => [node.name, new Namespace(node.name)])),
  };
  const machines = [network.gateway, network.control, ...network.nodes.values()];
  await Promise.all([network.switch, network.office, ...machines].map((each) => each.create()));
  await network.switch.shell('ip link add lan type bridge; ip link set lan up');
  for (const machine of machines) {
    await plugIn(network.switch, machine);
  }
  await network.gateway.shell(`
    ip address add ${lan.gateway}/${lan.bits} dev eth0
    ip link add eth1 type veth peer name eth0 netns ${network.office.fullName}
    ip address add ${office.gateway}/${office.bits} dev eth1
    ip link set eth1 up
    echo 1 > /proc/sys/net/ipv4/ip_forward`);
  await network.office.shell(`
    ip address add ${office.address}/${office.bits} dev eth0
    ip link set eth0 up
    ip route add default via ${office.gateway}`);
  await network.control.shell(addressing(lan.control));
  await Promise.all(nodes.map((node) => setUpNode(network, node)));
  return network;
}

async function plugIn(lanSwitch: Namespace, machine: Namespace): Promise<void> {
  await lanSwitch.shell(`
    ip link add ${machine.name} type veth peer name eth0 netns ${machine.fullName}
    ip link set ${machine.name} master lan up`);
  await machine.shell('ip link set eth0 up');
}

function addressing(address: string): string {
  return `ip address add ${address}/${lan.bits} dev eth0; ip route add default via ${lan.gateway}`;
}

/** A node with its part of the overlay, as flanneld (VXLAN) and kube-proxy would leave it. */
async function setUpNode(network: Network, node: NodePlan): Promise<void> {
  const peers = nodes.filter((peer) => peer.name !== node.name);
  const tunnels = peers.map(
    (peer) => `
    ip neighbour replace ${peer.overlay} lladdr ${tunnelMac(peer)} dev flannel.1 nud permanent
    bridge fdb append ${tunnelMac(peer)} dev flannel.1 dst ${peer.address}
    ip route add ${peer.overlay}/24 via ${peer.overlay} dev flannel.1 onlink`,
  );
  await nodeOf(network, node.name).shell(`
    ${addressing(node.address)}
    echo 1 > /proc/sys/net/ipv4/ip_forward
    ip link add flannel.1 address ${tunnelMac(node)} type vxlan id 1 local ${node.address} dev eth0 dstport 8472 nolearning
    ip address add ${node.overlay}/32 dev flannel.1
    ip link set flannel.1 up
    ${tunnels.join('')}`);
  await nodeOf(network, node.name).run('nft', ['-f', '-'], { input: masquerading(node) });
}

function tunnelMac(node: NodePlan): string {
  return `0e:00:00:00:00:0${node.name.slice(1)}`;
}

/** Flannel's --ip-masq: what enters or leaves the overlay takes the node's address, but for its own pods. */
function masquerading(node: NodePlan): string {
  return `table ip overlay {
    chain postrouting {
      type nat hook postrouting priority srcnat
      ip saddr ${overlay.cidr} ip daddr ${overlay.cidr} return
      ip saddr ${overlay.cidr} ip daddr != 224.0.0.0/4 masquerade
      ip saddr != ${overlay.cidr} ip daddr ${node.overlay}/24 return
      ip saddr != ${overlay.cidr} ip daddr ${overlay.cidr} masquerade
    }
  }
`;
}

/** A ClusterIP on every node, translated as kube-proxy would, for pods and for the node itself. */
export async function publishService(network: Network, clusterIp: string, endpoint: string): Promise<void> {
  const translate = `ip daddr ${clusterIp} tcp dport 80 dnat to ${endpoint}:${port}`;
  const rules = `table ip services {
    chain prerouting { type nat hook prerouting priority dstnat; ${translate}; }
    chain output { type nat hook output priority -100; ${translate}; }
  }
`;
  for (const node of network.nodes.values()) {
    await node.run('nft', ['-f', '-'], { input: rules });
  }
}
