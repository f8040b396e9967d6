import { everyFilter } from '../../probe/filter.ts';
import { PacketSocket } from '../../probe/packet-socket.bun.ts';
import type { Device } from './devices.ts';
import { type Heard, Tally } from './tally.ts';

/** Octets that frames may wait in, of each family: some 20,000 ARPs. The kernel takes them only while they wait. */
const room = 16 * 1024 * 1024;

/** Frames that are read before other interfaces get their turn. */
const atOnce = 512;

/** All ARP and neighbour discovery that an interface hears: what is sent to all, to groups, and to this node itself. */
export class Listener {
  readonly device: Device;
  readonly sockets: readonly PacketSocket[];
  readonly #tally = new Tally();
  readonly #arp: PacketSocket;

  private constructor(device: Device, arp: PacketSocket, ndp: PacketSocket) {
    this.device = device;
    this.#arp = arp;
    this.sockets = [arp, ndp];
  }

  /** @throws NetlinkError when the interface is gone */
  static open(device: Device): Listener {
    const open = (family: 'ipv4' | 'ipv6') => {
      const { index } = device;
      const groups = family === 'ipv6' ? 'all' : [];
      return PacketSocket.open({ index, family, filter: everyFilter(family, index), groups, room });
    };
    const arp = open('ipv4');
    try {
      return new Listener(device, arp, open('ipv6'));
    } catch (error) {
      arp.close();
      throw error;
    }
  }

  /**
   * Hands over the frames that have come, each until the next; at most so many, since the network may send faster than
   * they are read.
   */
  read(take: (frame: Uint8Array) => void): void {
    for (const socket of this.sockets) {
      for (let count = 0; count < atOnce; count++) {
        const frame = socket.receiveInPlace();
        if (frame === undefined) {
          break;
        }
        this.#tally.count(frame);
        take(frame);
      }
    }
  }

  /** Sends an ARP frame as it is. */
  send(frame: Uint8Array): void {
    this.#arp.send(frame);
  }

  /** @param now milliseconds of a clock that only goes forward */
  heard(now: number): Heard & { readonly name: string } {
    for (const socket of this.sockets) {
      this.#tally.lost(socket.dropped());
    }
    return { name: this.device.name, ...this.#tally.at(now) };
  }

  close(): void {
    for (const socket of this.sockets) {
      socket.close();
    }
  }
}
