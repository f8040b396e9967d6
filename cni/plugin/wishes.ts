import { Ip } from '../../core/address/ip.ts';
import { defaultMacPrefix, Mac } from '../../core/address/mac.ts';
import { Prefix } from '../../core/address/prefix.ts';
import type { CniArgs } from '../../core/cni/args.ts';
import { present } from '../../core/cni/present.ts';
import { keepingOf } from '../../core/keeping.ts';
import { Problem } from '../../core/problem/problem.ts';
import type { Config } from './config.ts';
import type { Wish } from './ipam/ipam.ts';
import { speaksByInterface } from './ipam-config.ts';

/** What of a configuration has a say in it. */
type Wishing = Pick<Config, 'ipam' | 'runtime' | 'mac' | 'macPrefix'>;

const annotations = 'io.kubernetes.cri.pod-annotations';

/**
 * What the runtime wants for this pod: capabilities come before CNI_ARGS, these before the configuration and the
 * pod's annotations.
 *
 * @param randomOctets six octets of chance, for `mac: random`
 * @param masterMac for `mac: master`
 * @throws Problem INVALID_ADDRESS, INVALID_MAC, INVALID_NETWORK_CONFIG, ANNOTATION_INVALID
 */
export function wishesOf(
  config: Wishing,
  args: CniArgs,
  randomOctets: () => Uint8Array,
  masterMac: Mac | undefined,
): Wish {
  const { subnet, families } = config.ipam;
  return {
    addresses: wantedAddresses(config, args),
    ...present({
      mac: runtimeMac(config, args) ?? configuredMac(config, randomOctets, masterMac),
      pod: podOf(config, args),
      subnet,
      families,
    }),
  };
}

/** The pod with its wish to keep its address, which nobody can keep for a pod without a name. */
function podOf({ runtime }: Wishing, args: CniArgs): Wish['pod'] {
  const { K8S_POD_NAMESPACE: namespace, K8S_POD_NAME: name, K8S_POD_UID: uid } = args;
  if (!(namespace && name)) {
    return undefined;
  }
  const annotated = runtime.object(annotations);
  return { namespace, name, ...(uid ? { uid } : {}), ...keepingOf((key) => annotated.text(key)) };
}

function wantedAddresses({ runtime }: Wishing, args: CniArgs): Ip[] {
  const given = runtime.texts('ips');
  const annotated = runtime.object(annotations).text('realip.io/addresses');
  const texts = given.length > 0 ? given : (args.IP || annotated || '').split(',');
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(withoutLength);
}

/** Podman writes plain addresses, the `ips` capability of the conventions a prefix length with them. */
function withoutLength(text: string): Ip {
  return text.includes('/') ? Prefix.parse(text).address : Ip.parse(text);
}

function runtimeMac({ runtime }: Wishing, args: CniArgs): Mac | undefined {
  const given = runtime.text('mac') || args.MAC;
  return given ? unicast(Mac.parse(given)) : undefined;
}

function configuredMac(
  { mac, macPrefix, ipam }: Wishing,
  randomOctets: () => Uint8Array,
  masterMac: Mac | undefined,
): Mac | undefined {
  switch (mac) {
    case 'runtime-given':
      throw new Problem('INVALID_NETWORK_CONFIG', 'mac is "runtime-given", and the runtime gave none');
    case 'random':
      return locallyAdministered(randomOctets());
    case 'master':
      return masterMac;
    default:
      // The ledger derives it from zone and address. An address that comes by the interface can't decide its MAC.
      return speaksByInterface(ipam.type)
        ? prefixed(macPrefix ?? defaultMacPrefix, randomOctets())
        : undefined;
  }
}

function unicast(mac: Mac): Mac {
  if (!mac.isUnicast) {
    throw new Problem('INVALID_MAC', `${mac} is not unicast, and so no interface's own`);
  }
  return mac;
}

function prefixed(macPrefix: string, [, , ...rest]: Uint8Array): Mac {
  const octets = rest.map((octet) => octet.toString(16).padStart(2, '0'));
  return Mac.parse([macPrefix, ...octets].join(':'));
}

function locallyAdministered([first = 0, ...rest]: Uint8Array): Mac {
  return Mac.fromBytes(Uint8Array.from([(first & 0xfc) | 2, ...rest]));
}
