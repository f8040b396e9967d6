import { expect, test } from 'bun:test';
import { Exchange } from './exchange.ts';
import { Links } from './links.ts';
import { errno } from './message/errno.ts';
import { KernelSocket, protocols } from './socket.bun.ts';

test('a datagram longer than the buffer is received whole', () => {
  const exchange = new Exchange(KernelSocket.open(1000, protocols.route, 16));
  expect(new Links(exchange).get('lo')).toMatchObject({ index: 1, name: 'lo', mtu: 65536 });
  exchange.close();
});

test('waiting ends with EAGAIN after the time that was given', () => {
  const socket = KernelSocket.open(50);
  const start = performance.now();
  expect(socket.receive()).toBe(errno.EAGAIN);
  expect(performance.now() - start).toBeWithin(40, 500);
  socket.close();
});

test('a closed socket answers with an errno', () => {
  const socket = KernelSocket.open(50);
  socket.close();
  expect(socket.send(new Uint8Array(16))).toBe(9); // EBADF
});
