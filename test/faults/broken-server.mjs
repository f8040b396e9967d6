// Servers that fail in every way, one a port of loopback; run in a node's namespace by broken-servers.ts. What is
// asked of those that end in "-after" goes to the real server first: it has done it, and the plugin never hears so.
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';

const [certificate, realPort] = process.argv.slice(2);
const tls = { cert: readFileSync(`${certificate}.crt`), key: readFileSync(`${certificate}.key`) };

/** An answer with a true content length, unless headers say otherwise. */
const answer = (status, type, body, headers = `content-length: ${Buffer.byteLength(body)}\r\n`) =>
  `HTTP/1.1 ${status} X\r\ncontent-type: ${type}\r\n${headers}\r\n${body}`;
const json = 'application/json';
const allocation = (change) =>
  JSON.stringify({
    id: 'x',
    generation: 1,
    mac: '0a:58:0a:09:01:07',
    ips: [{ address: '10.9.1.7/16', subnet: 'lan', range: 'r' }],
    routes: [],
    dns: {},
    ...change,
  });

function reset(socket) {
  try {
    socket.resetAndDestroy();
  } catch {
    // Not over TLS; what has not been read makes the kernel send a reset all the same.
    socket.destroy();
  }
}

/** What a server does with a socket whose request has come whole. */
const onRequest = {
  silent: () => {},
  drip: (socket) => drip(socket, answer(201, json, allocation({}))),
  'drip-headers': (socket) => drip(socket, `HTTP/1.1 201 X\r\n${'a: b\r\n'.repeat(100_000)}`),
  'drip-body': (socket) => {
    socket.write('HTTP/1.1 201 X\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n');
    drip(socket, `{"id":"${'x'.repeat(90_000)}"}`);
  },
  'reset-asked': reset,
  'close-asked': (socket) => socket.end(),
  'reset-half': (socket) =>
    socket.write(answer(201, json, '{"id":', 'content-length: 900\r\n'), () => setTimeout(reset, 20, socket)),
  'close-half': (socket) => socket.end(answer(201, json, '{"id":', 'content-length: 900\r\n')),
  'close-head': (socket) => socket.end('HTTP/1.1 201 Crea'),
  'error-json': (socket) =>
    socket.end(answer(500, 'application/problem+json', '{"detail":"broken","code":"INTERNAL_ERROR"}')),
  'error-html': (socket) => socket.end(answer(502, 'text/html', '<html>bad gateway</html>')),
  'page-200': (socket) =>
    socket.end(answer(200, 'text/html', '<!doctype html><p>Sign in to the guest network')),
  'page-403': (socket) => socket.end(answer(403, 'text/html', '<html>forbidden by the proxy</html>')),
  redirect: (socket) =>
    socket.end(answer(302, 'text/html', '', 'location: http://127.0.0.1:1/\r\ncontent-length: 0\r\n')),
  'half-json': (socket) => socket.end(answer(201, json, allocation({}).slice(0, 60))),
  'empty-body': (socket) => socket.end(answer(201, json, '')),
  'not-object': (socket) => socket.end(answer(201, json, '[null]')),
  'wrong-types': (socket) => socket.end(answer(201, json, allocation({ ips: 'none', mac: 7 }))),
  'no-addresses': (socket) => socket.end(answer(201, json, allocation({ ips: [] }))),
  'wrong-address': (socket) =>
    socket.end(answer(201, json, allocation({ ips: [{ address: '10.9.1.700/16' }] }))),
  'wrong-mac': (socket) => socket.end(answer(201, json, allocation({ mac: 'ff:ff:ff:ff:ff:ff' }))),
  'wrong-route': (socket) => socket.end(answer(201, json, allocation({ routes: [{ dst: 'everywhere' }] }))),
  'bad-utf8': (socket) =>
    socket.end(
      Buffer.concat([
        Buffer.from(answer(201, json, '', 'content-length: 3\r\n')),
        Buffer.from([0xff, 0xfe, 0xfd]),
      ]),
    ),
  'not-http': (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
  'bad-chunks': (socket) => socket.end(answer(201, json, 'zz\r\nnonsense', 'transfer-encoding: chunked\r\n')),
  'bad-length': (socket) => socket.end(answer(201, json, '{}', 'content-length: -5\r\n')),
  'huge-header': (socket) => socket.end(answer(201, json, '{}', `a: ${'x'.repeat(4_000_000)}\r\n`)),
  'huge-body': (socket) =>
    pour(socket, 'HTTP/1.1 201 X\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n{'),
  'endless-body': (socket) => pour(socket, 'HTTP/1.1 201 X\r\ncontent-type: application/json\r\n\r\n{'),
  'silent-after': (_, real) => real(() => {}),
  'reset-after': (socket, real) => real(() => reset(socket)),
  'half-after': (socket, real) => real((text) => socket.end(text.slice(0, text.length - 30))),
  'error-after': (socket, real) => real(() => socket.end(answer(504, 'text/html', 'timeout'))),
};

function drip(socket, text) {
  let at = 0;
  const timer = setInterval(
    () => (socket.destroyed || at >= text.length ? clearInterval(timer) : socket.write(text[at++])),
    40,
  );
}

function pour(socket, head) {
  socket.write(head);
  const flow = () => {
    while (!socket.destroyed && socket.write('x'.repeat(65_536)));
  };
  socket.on('drain', flow);
  flow();
}

/** Sends a request to the real server, and hands on its answer's text. */
function ask(request, then) {
  const socket = connect(Number(realPort), '127.0.0.1', () =>
    socket.end(request.replace(/connection: .*\r\n/i, '').replace('\r\n', '\r\nconnection: close\r\n')),
  );
  let text = '';
  socket.setEncoding('utf8').on('data', (part) => {
    text += part;
  });
  socket.on('end', () => then(text)).on('error', () => then(''));
}

function serve(name) {
  return (socket) => {
    let request = '';
    socket.on('error', () => {});
    if (name === 'reset-connected') {
      reset(socket);
      return;
    }
    socket.setEncoding('utf8').on('data', (part) => {
      request += part;
      const [head, body] = request.split('\r\n\r\n');
      const length = Number(/content-length: (\d+)/i.exec(head ?? '')?.[1] ?? 0);
      if (body !== undefined && Buffer.byteLength(body) >= length) {
        onRequest[name](socket, (then) => ask(request, then));
      }
    });
  };
}

const ports = {};
const listening = [...Object.keys(onRequest), 'reset-connected'].flatMap((name) =>
  [createServer(serve(name)), createTlsServer(tls, serve(name))].map(
    (server, index) =>
      new Promise((resolve) => {
        server.on('tlsClientError', () => {});
        server.listen(0, '127.0.0.1', () => {
          ports[name] ??= [];
          ports[name][index] = server.address().port;
          resolve();
        });
      }),
  ),
);
await Promise.all(listening);
process.stdout.write(`${JSON.stringify(ports)}\n`);
