/**
 * A result of ADD in the newest shape (CNI 1.1.0); older shapes are made from it and read into it. Texts stay as
 * they were written, because what earlier plugins of a chain said is passed on word for word.
 */
export interface CniResult {
  readonly interfaces: readonly CniInterface[];
  readonly ips: readonly CniAddress[];
  readonly routes: readonly CniRoute[];
  readonly dns: CniDns;
}

export interface CniInterface {
  readonly name: string;
  /** Always given, if only as '': podman takes no interface without it. */
  readonly mac: string;
  readonly mtu?: number;
  /** CNI_NETNS word for word; absent for an interface of the host. */
  readonly sandbox?: string;
  readonly socketPath?: string;
  readonly pciID?: string;
}

export interface CniAddress {
  /** Address and prefix length of its subnet, such as `10.9.1.7/16`. */
  readonly address: string;
  readonly gateway?: string;
  /** Index into `interfaces`. */
  readonly interface?: number;
}

export interface CniRoute {
  readonly dst: string;
  readonly gw?: string;
  readonly mtu?: number;
  readonly advmss?: number;
  readonly priority?: number;
  readonly table?: number;
  readonly scope?: number;
}

export interface CniDns {
  readonly nameservers?: readonly string[];
  readonly domain?: string;
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}

export const emptyResult: CniResult = { interfaces: [], ips: [], routes: [], dns: {} };
