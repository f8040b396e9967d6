import { decodeMessages } from './message/message.ts';
import type { Names } from './message/names.ts';
import { printMessage } from './message/print.ts';
import type { Errno, Socket } from './socket.ts';

/** A socket that tells what passes through it: `>` to the kernel, `<` from it. */
export class TracedSocket implements Socket {
  readonly #socket: Socket;
  readonly #tell: (line: string) => void;
  readonly #types: Names | undefined;

  /** @param types names of the protocol's message types; rtnetlink's unless given */
  constructor(socket: Socket, tell: (line: string) => void, types?: Names) {
    this.#socket = socket;
    this.#tell = tell;
    this.#types = types;
  }

  send(datagram: Uint8Array): Errno {
    this.#print('>', datagram);
    return this.#socket.send(datagram);
  }

  receive(): Uint8Array | Errno {
    const datagram = this.#socket.receive();
    if (typeof datagram !== 'number') {
      this.#print('<', datagram);
    }
    return datagram;
  }

  close(): void {
    this.#socket.close();
  }

  #print(direction: string, datagram: Uint8Array): void {
    for (const message of decodeMessages(datagram)) {
      this.#tell(`netlink ${direction} ${printMessage(message, this.#types)}`);
    }
  }
}
