import { Problem } from '../../core/problem/problem.ts';
import type { Config } from './config.ts';
import { hasSource, isDelegatedTo, speaksByInterface } from './ipam-config.ts';

/**
 * Refuses what a configuration can't mean: a pod with less than it was promised would be worse than none.
 *
 * @throws Problem INVALID_NETWORK_CONFIG
 */
export function refuse(config: Config): void {
  refuseIpam(config);
  refuseContradictions(config);
}

function refuseContradictions({ mode, hostAccess, hostRoutes, dataplane, master, mac }: Config): void {
  if (dataplane === 'macvlan' && hostAccess === 'shim' && mode !== 'bridge') {
    throw contradiction(`hostAccess "shim" works in mode "bridge" only, and mode is "${mode}"`);
  }
  if (dataplane === 'ptp' && hostAccess !== 'veth') {
    throw contradiction(`dataplane "ptp" has host access by nature, and hostAccess is "${hostAccess}"`);
  }
  if (dataplane === 'ptp' && mode !== 'bridge') {
    throw contradiction(`mode "${mode}" is one of macvlan, and dataplane is "ptp"`);
  }
  const isPassthru = dataplane === 'macvlan' && mode === 'passthru';
  if (isPassthru && master === undefined) {
    throw contradiction('mode "passthru" gives the pod an interface whole: name it as master');
  }
  if (mac === 'master' && !isPassthru) {
    throw contradiction(
      'mac "master" belongs to mode "passthru": otherwise pod and master would share a MAC',
    );
  }
  if (dataplane === 'macvlan' && hostAccess === 'none' && hostRoutes.length > 0) {
    throw contradiction('hostRoutes lead through the host, and hostAccess is "none"');
  }
}

function refuseIpam({ dataplane, macPrefix, ipam }: Config): void {
  const isDelegated = isDelegatedTo(ipam.type);
  if (ipam.type === '') {
    throw contradiction('ipam.type is missing; it is "realip-ipam", or the name of another IPAM plugin');
  }
  if (isDelegated && !isPluginName(ipam.type)) {
    throw contradiction(`ipam.type "${ipam.type}" is no name of an IPAM plugin`);
  }
  if (!hasSource(ipam)) {
    throw contradiction('ipam.server is missing: the URL of the IPAM server, or ipam.agent');
  }
  if (!isDelegated && macPrefix !== undefined) {
    throw contradiction('macPrefix is for other IPAM plugins; under realip-ipam the zone’s counts');
  }
  if (dataplane === 'ptp' && speaksByInterface(ipam.type)) {
    throw contradiction(
      `ipam.type "${ipam.type}" asks by the pod's interface, and the LAN never sees that of a ptp pod`,
    );
  }
}

function contradiction(message: string): Problem {
  return new Problem('INVALID_NETWORK_CONFIG', message);
}

/** A program in a folder of CNI_PATH, and not the main plugin itself. */
function isPluginName(type: string): boolean {
  return type !== 'realip' && type !== '.' && type !== '..' && !/[/\0]/.test(type);
}
