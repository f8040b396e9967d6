/**
 * A program: a server that answers each path in its own bad way, by TCP or at the Unix socket that it is told. Prints
 * its port, and a line for each connection.
 */
import { type AddressInfo, createServer, type Socket } from 'node:net';

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

function again(socket: Socket, text: string, milliseconds: number): void {
  const timer = setInterval(() => socket.write(text), milliseconds);
  socket.on('close', () => clearInterval(timer));
}

const behaviours: Record<string, (socket: Socket, request: string) => void> = {
  '/ok': (socket) => socket.write(ok),
  '/echo': (socket, request) =>
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(request)}\r\n\r\n${request}`),
  '/ok-and-close': (socket) => {
    socket.end(ok);
    process.stdout.write('closed\n');
  },
  '/ok-and-reset-next': (socket) => {
    socket.write(ok);
    socket.removeAllListeners('data');
    socket.once('data', () => socket.resetAndDestroy());
  },
  '/ok-and-more': (socket) => socket.write(`${ok}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`),
  '/moved': (socket) =>
    socket.write('HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n'),
  '/healthz': (socket) => socket.write(ok),
  '/slow': (socket) => void setTimeout(() => socket.write(ok), 1_200),
  '/silent': () => undefined,
  '/hang-up': (socket) => socket.end(),
  '/reset': (socket) => socket.resetAndDestroy(),
  '/cut': (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello'),
  '/garbage': (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
  '/interim': (socket) => again(socket, 'HTTP/1.1 100 Continue\r\n\r\n', 1),
  '/dribble': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n');
    again(socket, 'x', 5);
  },
  '/large': (socket) => {
    socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n`);
    for (let chunk = 0; chunk < 50; chunk++) {
      socket.write(`2710\r\n${'x'.repeat(10_000)}\r\n`);
    }
    socket.write('0\r\n\r\n');
  },
};

const server = createServer((socket) => {
  process.stdout.write('connected\n');
  socket.setNoDelay(true);
  socket.on('error', () => undefined);
  let pending = '';
  socket.on('data', (data) => {
    pending += data;
    const end = pending.indexOf('\r\n\r\n');
    const length = Number(/content-length: (\d+)/i.exec(pending)?.[1] ?? 0);
    if (end < 0 || Buffer.byteLength(pending) < end + 4 + length) {
      return;
    }
    const path = pending.split(' ')[1] ?? '';
    const request = pending;
    pending = '';
    behaviours[path]?.(socket, request);
  });
});
const [, , socketPath] = process.argv;
const listening = () => {
  const at = server.address() as AddressInfo | string;
  process.stdout.write(`${typeof at === 'string' ? at : at.port}\n`);
};
if (socketPath === undefined) {
  server.listen(0, '127.0.0.1', listening);
} else {
  server.listen(socketPath, listening);
}
