/** Ports of the programs that take part; 8848 is where Nacos listens. */
export const webPort = 8080;
export const registryPort = 8848;
export const debugPort = 9229;

/**
 * A registry as Nacos and Dubbo’s others are to their users: it remembers under a name the address that a provider said
 * of itself, and tells it to whoever asks. `POST /NAME` with `ADDRESS:PORT`, `GET /NAME`.
 */
export const registryScript = `
  const known = new Map();
  require('node:http').createServer(async (request, response) => {
    if (request.method === 'POST') {
      let text = '';
      for await (const part of request.setEncoding('utf8')) text += part;
      known.set(request.url, text);
    }
    response.statusCode = known.has(request.url) ? 200 : 404;
    response.end(known.get(request.url));
  }).listen(${registryPort});`;

/** What a provider does before it serves: it looks at its own interface, and registers what it finds there. */
export function registeringScript(name: string, registry: string): string {
  return `
    address=$(ip -4 -o address show dev eth0 | sed 's|.* inet \\([0-9.]*\\)/.*|\\1|')
    wget -q -O /dev/null --post-data "$address:${webPort}" http://${registry}:${registryPort}/${name}
    exec /agnhost netexec --http-port=${webPort} --udp-port=-1`;
}

/** An ingress in small: \`/HOST:PORT/PATH\` is asked of that host, as one who stands in front of the pods does. */
export const ingressScript = `
  const http = require('node:http');
  http.createServer((request, response) => {
    const [, upstream, ...path] = request.url.split('/');
    const ahead = http.request('http://' + upstream + '/' + path.join('/'), (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    ahead.on('error', ({ message }) => response.writeHead(502).end(message));
    ahead.end();
  }).listen(${webPort});`;
