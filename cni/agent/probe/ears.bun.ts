import type { Family, Ip } from '../../../core/address/ip.ts';
import { type Claim, saidIn } from '../../probe/claim.ts';
import { frameFilter } from '../../probe/filter.ts';
import { PacketSocket } from '../../probe/packet-socket.bun.ts';

/** Octets for what comes between two looks: some thousand frames. */
const room = 4 * 1024 * 1024;
/** Frames of one look at most, so that a storm doesn't hold up the agent; the rest is there at the next. */
const mostFrames = 4096;

interface Ear {
  readonly socket: PacketSocket;
  readonly addresses: ReadonlyMap<string, Ip>;
}

const families: readonly Family[] = ['ipv4', 'ipv6'];

/** An interface's claims on some addresses, and its voice: one packet socket a family, however many addresses. */
export class Ears {
  readonly #index: number;
  readonly #ears = new Map<Family, Ear>();

  constructor(index: number) {
    this.#index = index;
  }

  /** To these addresses, and no others. @throws NetlinkError ENODEV when the interface is gone */
  listen(ips: readonly Ip[]): void {
    for (const family of families) {
      const addresses = new Map(ips.filter((ip) => ip.family === family).map((ip) => [ip.toString(), ip]));
      if (addresses.size === 0) {
        this.#ears.get(family)?.socket.close();
        this.#ears.delete(family);
      } else {
        this.#listen(family, addresses);
      }
    }
  }

  send(frame: Uint8Array): void {
    const family = frame[12] === 0x08 ? 'ipv4' : 'ipv6';
    this.#ears.get(family)?.socket.send(frame);
  }

  /** Of whatever MAC, the node's own included. */
  heard(): Claim[] {
    const claims: Claim[] = [];
    for (const { socket, addresses } of this.#ears.values()) {
      for (let count = 0; count < mostFrames; count++) {
        const frame = socket.receive();
        if (frame === undefined) {
          break;
        }
        const said = saidIn(frame);
        if (said !== undefined && addresses.has(said.ip.toString())) {
          claims.push({ ip: said.ip, mac: said.mac });
        }
      }
    }
    return claims;
  }

  close(): void {
    this.listen([]);
  }

  #listen(family: Family, addresses: ReadonlyMap<string, Ip>): void {
    const known = this.#ears.get(family);
    if (known !== undefined && isSame(known.addresses, addresses)) {
      return;
    }
    const filter = frameFilter(family, [...addresses.values()], this.#index);
    // A socket that the kernel refuses something is closed already.
    this.#ears.delete(family);
    known?.socket.filter(filter);
    const socket = known?.socket ?? this.#open(family, filter);
    this.#ears.set(family, { socket, addresses });
  }

  /** To all groups: another host that probes for an IPv6 address speaks to the group of that address. */
  #open(family: Family, filter: Uint8Array): PacketSocket {
    const groups = family === 'ipv6' ? 'all' : [];
    return PacketSocket.open({ index: this.#index, family, filter, groups, room });
  }
}

function isSame(a: ReadonlyMap<string, Ip>, b: ReadonlyMap<string, Ip>): boolean {
  return a.size === b.size && [...a.keys()].every((key) => b.has(key));
}
