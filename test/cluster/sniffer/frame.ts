/** One who says on the wire that it has an address. */
export interface Claim {
  /** Seconds since 1970. */
  readonly time: number;
  /** The switch's port by which the frame came in. */
  readonly port: string;
  readonly mac: string;
  readonly address: string;
  /** An announcement asks for the sender's own address (RFC 5227, section 3): so begins who takes it up. */
  readonly isAnnouncement: boolean;
}

const shape =
  /^(?<time>\d+\.\d+) (?<port>\S+) +\S+ +ifindex \d+ (?<mac>[0-9a-f:]{17}) ethertype ARP .*?: (?:Request who-has (?<target>[\d.]+)(?: \(\S+\))? tell (?<asker>[\d.]+)|Reply (?<holder>[\d.]+) is-at)/;

/**
 * The claim in an ARP frame as tcpdump prints it from all interfaces (-i any -e -tt -n). A probe of RFC 5227 has no
 * sender's address, and so claims nothing; null then, and for what is no ARP.
 */
export function claimIn(line: string): Claim | null {
  const { time, port = '', mac = '', target, asker, holder } = shape.exec(line)?.groups ?? {};
  const address = holder ?? asker;
  if (address === undefined || address === '0.0.0.0') {
    return null;
  }
  return { time: Number(time), port, mac, address, isAnnouncement: target === address };
}
