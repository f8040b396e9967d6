/**
 * What runs inside the lab's pods and hosts: a web server that tells who asked, a client, and two relays.
 * One small file without dependencies, because some twenty of these are started in a run.
 */
import http from 'node:http';
import net from 'node:net';

const patience = 3000;

/** What `serve` answers and `get` prints. */
export interface Greeting {
  /** The pod or host that answered. */
  readonly name: string;
  /** The address that it was asked from. */
  readonly from: string;
}

function serve(port: number, name: string): void {
  const server = http.createServer((request, response) => {
    const greeting: Greeting = { name, from: request.socket.remoteAddress ?? 'unknown' };
    response.setHeader('content-type', 'application/json').end(`${JSON.stringify(greeting)}\n`);
  });
  server.listen(port, '0.0.0.0', () => console.log('ready'));
}

/**
 * Prints the greeting with the milliseconds from connecting to the whole answer.
 *
 * @param source the address of its own to ask from; empty: the kernel's choice
 */
function get(url: string, source: string): void {
  const started = performance.now();
  const from = source === '' ? {} : { localAddress: source };
  const request = http.get(url, { timeout: patience, agent: false, ...from }, (response) => {
    let text = '';
    response.on('data', (data) => {
      text += data;
    });
    response.on('end', () => {
      console.log(JSON.stringify({ ...JSON.parse(text), ms: performance.now() - started }));
    });
  });
  const giveUp = (why: string) => {
    console.error(`${url}: ${why}`);
    process.exit(1);
  };
  request.on('timeout', () => giveUp(`no answer within ${patience} ms`));
  request.on('error', (error) => giveUp(error.message));
}

/** Pipes whatever connects to `from` on to `to`; either is a port (`host:port`) or the path of a unix socket. */
function relay(from: string, to: string): void {
  const target = (text: string) => {
    const [host = '', port] = text.split(':');
    return port === undefined ? { path: text } : { host, port: Number(port) };
  };
  const server = net.createServer((client) => {
    const upstream = net.connect(target(to));
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
    client.pipe(upstream).pipe(client);
  });
  // A port that another program has is replaced by any free one; the line printed says which.
  server.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') {
      throw error;
    }
    server.listen(0, '127.0.0.1');
  });
  server.on('listening', () => {
    const address = server.address();
    console.log(`ready ${typeof address === 'object' && address !== null ? address.port : from}`);
  });
  server.listen(target(from));
}

const [verb = '', first = '', second = ''] = process.argv.slice(2);
const verbs: Record<string, () => void> = {
  serve: () => serve(Number(first), second),
  get: () => get(first, second),
  relay: () => relay(first, second),
};
verbs[verb]?.();
