import { files } from '../../files.ts';
import { decodeSandboxes, listPodSandbox, type Sandbox } from './sandbox.ts';
import { UnaryCall } from './unary-call.ts';

/** Where runtimes have their sockets. */
const usualSockets = ['/run/containerd/containerd.sock', '/run/crio/crio.sock'];

/** Milliseconds for an answer: the look at the node waits for it. */
const patience = 2_000;

/** The socket that was named, else the first of the usual ones that is there. */
export function criSocket(named: string | undefined): string | undefined {
  return named ?? usualSockets.find((path) => files().existsSync(path));
}

/**
 * The sandboxes of a runtime, asked by CRI (gRPC over HTTP/2) on a connection of its own: once in ten seconds.
 *
 * @param socket path of the runtime's socket
 * @throws Error when it doesn't answer, or refuses
 */
export async function listSandboxes(socket: string): Promise<Sandbox[]> {
  const call = new UnaryCall();
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${patience / 1000} s`)), patience);
  const connection = Bun.connect({
    unix: socket,
    socket: {
      open(opened) {
        send(opened, UnaryCall.request(listPodSandbox, new Uint8Array()));
      },
      data(opened, octets) {
        try {
          send(opened, call.take(octets));
          if (call.result !== undefined) {
            resolve(call.result);
          }
        } catch (error) {
          reject(error);
        }
      },
      close: () => reject(new Error('the runtime closed the connection')),
      error: (_, error) => reject(error),
      connectError: (_, error) => reject(error),
    },
  });
  // Its failure is told by the promise that is waited for.
  connection.catch(reject);
  try {
    return decodeSandboxes(await promise);
  } finally {
    clearTimeout(timer);
    await connection.then(
      (opened) => opened.end(),
      () => undefined,
    );
  }
}

/** What is sent is short, and a fresh connection takes it at once. */
function send(socket: { write(octets: Uint8Array): number }, octets: Uint8Array): void {
  if (octets.length > 0 && socket.write(octets) !== octets.length) {
    throw new Error('the runtime does not take the request');
  }
}
