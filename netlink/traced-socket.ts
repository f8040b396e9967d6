import { decodeMessages } from './message/message.ts';
import { printMessage } from './message/print.ts';
import type { Errno, Socket } from './socket.ts';

/** A socket that tells what passes through it: `>` to the kernel, `<` from it. */
export class TracedSocket implements Socket {
  readonly #socket: Socket;
  readonly #tell: (line: string) => void;

  constructor(socket: Socket, tell: (line: string) => void) {
    this.#socket = socket;
    this.#tell = tell;
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
      this.#tell(`netlink ${direction} ${printMessage(message)}`);
    }
  }
}
