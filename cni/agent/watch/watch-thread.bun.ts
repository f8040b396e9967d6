import { Ip } from '../../../core/address/ip.ts';
import { libc } from '../../../netlink/libc.bun.ts';
import { waitForFrame } from '../../probe/packet-socket.bun.ts';
import { Claims } from './claims.ts';
import { Lan } from './lan.bun.ts';
import type { FromThread, ToThread } from './messages.ts';

// A thread of its own, which waits in the kernel: it wakes for frames alone, and the agent's work never makes it late.

declare const self: Worker;

const claims = new Claims();
let lan: Lan | undefined;
let bell = -1;
let sent = new Int32Array(new SharedArrayBuffer(4));
let taken = 0;

function tell(message: FromThread): void {
  self.postMessage(message);
}

self.onmessage = ({ data }: MessageEvent<ToThread>) => {
  taken += 1;
  switch (data.is) {
    case 'open':
      bell = data.bell;
      sent = new Int32Array(data.sent);
      lan = new Lan(data.master, claims, {
        claim: (claim) => tell({ is: 'claim', claim }),
        figures: (figures) => tell({ is: 'figures', figures }),
        fault: (reason) => tell({ is: 'fault', reason }),
      });
      turn();
      break;
    case 'watch':
      for (const [ip, what] of data.changes) {
        claims.watch(Ip.parse(ip), what);
      }
      break;
    case 'look':
      lan?.look(performance.now());
      break;
    case 'close':
      lan?.close();
      lan = undefined;
      tell({ is: 'closed' });
      break;
    default:
  }
};

/** Between two waits messages are taken, and while one is on its way the wait is short. */
function turn(): void {
  if (lan !== undefined) {
    const isMessageComing = Atomics.load(sent, 0) !== taken;
    const wait = isMessageComing ? 1 : lan.dueAt - performance.now();
    try {
      waitForFrame([{ fd: bell }, ...lan.sockets], wait);
      libc().read(bell, new Uint8Array(8), 8);
      lan.turn(performance.now());
      setImmediate(turn);
    } catch (error) {
      // The sockets are the process's: the thread's end closes none.
      lan.close();
      throw error;
    }
  }
}
