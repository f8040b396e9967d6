import type { ProblemKind } from './kind.ts';

/** What the plugin and, on a node, netlink tell a runtime or an admin. */
export const nodeKinds = {
  // The CNI plugin: what the runtime asked for.
  INCOMPATIBLE_CNI_VERSION: {
    cni: 1,
    title: 'The network configuration asks for a version of CNI, or a command of it, that is not spoken.',
    advice:
      'Set cniVersion to a version that `CNI_COMMAND=VERSION` lists; CHECK needs 0.4.0, STATUS and GC 1.1.0.',
  },
  INVALID_ENVIRONMENT: {
    cni: 4,
    title: 'The runtime called the plugin with variables that the CNI specification does not allow.',
    advice:
      'Correct the variables named in the message; they come from the container runtime or the calling tool.',
  },
  NETWORK_CONFIG_UNREADABLE: {
    cni: 5,
    title: 'The network configuration could not be read from standard input.',
    advice: 'See that the caller gives the configuration on standard input, and closes it.',
  },
  NETWORK_CONFIG_NO_JSON: {
    cni: 6,
    title: 'The network configuration is not JSON.',
    advice: 'Mend the syntax of the file in /etc/cni/net.d; `jq . FILE` names the place.',
  },
  INVALID_NETWORK_CONFIG: {
    cni: 7,
    title: 'The network configuration says something that cannot be meant.',
    advice: 'Correct the field named in the message; docs/cni.md describes each with an example.',
  },

  // The CNI plugin: what the node is like.
  MASTER_MISSING: {
    cni: 100,
    title: 'The interface that pods shall share is not on this node.',
    advice:
      'Set `master` to a device that `ip link` shows, or see that the device comes up before pods start.',
  },
  MASTER_WITHOUT_CARRIER: {
    cni: 11,
    title: 'The interface that pods share is down or has no carrier: nobody on the network can be asked.',
    advice: 'See to its cable or its switch port; `ip link` shows NO-CARRIER or DOWN until then.',
  },
  MTU_TOO_LARGE: {
    cni: 7,
    title: 'A pod cannot have a larger MTU than the interface it shares.',
    advice: 'Lower `mtu` in the network configuration, or raise the MTU of the master and of the switch.',
  },
  INTERFACE_EXISTS: {
    cni: 101,
    title: 'The container has an interface of this name already; it and its address were left as they are.',
    advice: 'Call DEL for the attachment first, or choose another CNI_IFNAME.',
  },
  KERNEL_REFUSED: {
    cni: 102,
    title: 'The kernel refused a step; all steps before it were taken back.',
    advice: 'The message names the step and the kernel’s reason; `ip -d link` and `dmesg` show more.',
  },
  SHIM_UNUSABLE: {
    cni: 103,
    title: 'The host’s own interface towards its pods (the shim) is not what it should be.',
    advice: 'Remove the device named in the message with `ip link delete`; the next pod makes it anew.',
  },
  MASQUERADE_IMPOSSIBLE: {
    cni: 106,
    title:
      'The kernel takes no rule that lead the replies of a pod’s services back to it, which `hostRoutes` need.',
    advice:
      'Load nf_tables, nft_chain_nat, nft_ct, nft_nat and nft_masq (Linux 5.2 or newer; 5.7 to have an effect), or take `hostRoutes` out.',
  },
  FORWARDING_OFF: {
    cni: 108,
    title:
      'The node does not forward IPv6, and realip does not switch it on where that would cut the node off.',
    advice:
      'Set net.ipv6.conf.all.forwarding to 1 in /etc/sysctl.d, and accept_ra to 2 on the interface whose router advertises itself.',
  },
  VLAN_UNSUPPORTED: {
    cni: 109,
    title: 'The kernel of this node has no VLANs.',
    advice: '`modprobe 8021q`, and its name in /etc/modules-load.d; or a kernel with CONFIG_VLAN_8021Q.',
  },
  VLAN_UNUSABLE: {
    cni: 111,
    title: 'The name that the VLAN’s interface would have is another interface’s.',
    advice: 'Rename or remove the interface named in the message; `ip -d link show type vlan` lists VLANs.',
  },
  CHECK_FAILED: {
    cni: 104,
    title: 'The container’s network is no longer what ADD made.',
    advice: 'Start the pod again, and look for what else changes interfaces on this node.',
  },
  NOT_READY: {
    cni: 50,
    title: 'A pod could not be started with this network now; those that run are not affected.',
    advice: 'The message names what is missing; the runtime asks again.',
  },
  PODS_AFFECTED: {
    cni: 51,
    title: 'A pod could not be started with this network now, and those that run have lost their connection.',
    advice: 'The message names what is missing; it concerns the node’s own interface, see `ip link`.',
  },
  DEL_INCOMPLETE: {
    cni: 107,
    title:
      'The kernel refused to take away all that the pod has on this node, so its address stays allocated.',
    advice: 'The message names each with its reason; the runtime calls again.',
  },
  GC_INCOMPLETE: {
    cni: 105,
    title: 'Not all that containers left behind could be taken away.',
    advice: 'The message names each with its reason; the next GC tries again.',
  },

  // The CNI plugin: addresses that somebody else on the network has.
  ADDRESSES_TAKEN: {
    cni: 11,
    title:
      'Other hosts on the network use the addresses that this pod was given; the runtime will try again.',
    advice:
      'Find the devices by the MACs in the message; one that begins with the zone’s prefix is a pod’s that was never released.',
  },
  WANTED_ADDRESS_TAKEN: {
    cni: 110,
    title: 'Another host on the network uses the very address that this pod asks for.',
    advice:
      'Find the device by the MAC in the message and take the address from it, or let the pod ask for another.',
  },

  // The CNI plugin: what the IPAM server answered.
  IPAM_AWAY: {
    cni: 11,
    title: 'No IPAM server answered; the runtime will try again.',
    advice:
      'See that the server runs and that this node reaches the URL in `ipam.server` (curl URL/healthz).',
  },
  IPAM_NONE_FREE: {
    cni: 11,
    title: 'No address is free for this node; the runtime will try again.',
    advice:
      'Add a range, or wait until cooling addresses are free again; `GET /v1/subnets/{subnet}/usage` tells.',
  },
  IPAM_UNAUTHORIZED: {
    cni: 120,
    title: 'The IPAM server does not accept this node’s token.',
    advice: 'Put a token of the role `node:<name>` of this node into the file that `ipam.tokenFile` names.',
  },
  IPAM_REFUSED: {
    cni: 121,
    title: 'The IPAM server refused the request.',
    advice: 'The message holds the server’s own reason and code; docs/errors.md explains the code.',
  },
  IPAM_ANSWER_UNREADABLE: {
    cni: 11,
    title: 'What answered at the IPAM server’s address is not an IPAM server’s answer.',
    advice: 'See that `ipam.server` names the server itself, and no proxy or other service.',
  },

  // The CNI plugin: another IPAM plugin under it.
  IPAM_PLUGIN_MISSING: {
    cni: 122,
    title: 'The IPAM plugin that the network configuration names is not on this node.',
    advice: 'Put its executable into a folder of CNI_PATH (/opt/cni/bin), or correct `ipam.type`.',
  },
  IPAM_PLUGIN_FAILED: {
    cni: 123,
    title: 'The IPAM plugin that the network configuration names gave no answer that CNI knows.',
    advice:
      'Call it by hand with the same configuration and variables; its own log and standard error say more.',
  },

  // The agent's state on the disk.
  AGENT_STATE_UNWRITABLE: {
    status: 503,
    cni: 11,
    title: 'The agent cannot write down what it gives, so it gives nothing.',
    advice: 'See that the disk of the agent’s state folder (/var/lib/realip) has room and can be written.',
  },

  // netlink: network namespaces.
  NETNS_NOT_FOUND: {
    status: 404,
    cni: 4,
    title: 'There is no network namespace at the path.',
    advice: 'See that the pod’s sandbox is still there and that CNI_NETNS names it as this host sees it.',
  },
  NETNS_INVALID: {
    cni: 4,
    title: 'The path is not a network namespace that can be used.',
    advice: 'Give the path of a mounted namespace (`ip netns add`), or /proc/PID/ns/net, and run as root.',
  },
} as const satisfies Record<string, ProblemKind>;
