/** A kernel parameter: a path below /proc/sys in slash form, such as `net/ipv4/conf/eth0/rp_filter`. */
export interface Sysctl {
  readonly key: string;
  readonly value: string;
}
