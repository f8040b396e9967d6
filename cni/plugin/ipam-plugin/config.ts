import { Mac } from '../../../core/address/mac.ts';
import type { Fields, OnFault } from '../../../core/cni/fields.ts';
import { present } from '../../../core/cni/present.ts';
import { readResult } from '../../../core/cni/result-read.ts';
import type { CniVersion } from '../../../core/cni/version.ts';
import { Problem } from '../../../core/problem/problem.ts';
import type { Config } from '../config.ts';
import { hasSource, ipamKeys, readIpamConfig } from '../ipam-config.ts';

/** What concerns an IPAM plugin in the configuration of another plugin, whose own keys are none of its business. */
export interface IpamPluginConfig
  extends Pick<Config, 'cniVersion' | 'name' | 'ipam' | 'runtime' | 'prevResult' | 'mac'> {
  /** The MAC that the other plugin is going to use, where its configuration has one. */
  readonly ownMac?: Mac;
}

export function readIpamPluginConfig(
  conf: Fields,
  cniVersion: CniVersion,
  name: string,
  onFault: OnFault,
): IpamPluginConfig {
  const previous = conf.raw('prevResult');
  return {
    cniVersion,
    name,
    ipam: readIpamConfig(conf.object('ipam')),
    runtime: conf.object('runtimeConfig'),
    mac: 'derived',
    ...present({
      ownMac: macOf(conf.raw('mac')),
      prevResult: previous === undefined ? undefined : readResult(previous, cniVersion, onFault),
    }),
  };
}

/** @throws Problem INVALID_NETWORK_CONFIG */
export function refuseIpamPlugin({ ipam }: IpamPluginConfig): void {
  if (ipam.type !== 'realip-ipam') {
    const words = `ipam.type is "${ipam.type}"; realip-ipam was called, and it must be "realip-ipam"`;
    throw new Problem('INVALID_NETWORK_CONFIG', words);
  }
  if (!hasSource(ipam)) {
    const words = 'ipam.server is missing: the URL of the IPAM server, or ipam.agent';
    throw new Problem('INVALID_NETWORK_CONFIG', words);
  }
}

/** Keys of the section that nobody reads. */
export function unknownIpamKeys(conf: Fields): string[] {
  const unknown = conf.object('ipam').keys.filter((key) => !ipamKeys.includes(key));
  return unknown.map((key) => `ipam.${key}`);
}

/** The key `mac` of macvlan and bridge; what else another plugin may mean by it is its own affair. */
function macOf(value: unknown): Mac | undefined {
  try {
    return typeof value === 'string' && value !== '' ? Mac.parse(value) : undefined;
  } catch {
    return undefined;
  }
}
