// The bare peer of the webhook's bench: Node's HTTPS server, which answers each POST with the body that it got.
// Arguments: port, certificate, key.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const [port, cert, key] = process.argv.slice(2);

createServer(
  { cert: readFileSync(cert), key: readFileSync(key), keepAliveTimeout: 95_000 },
  (request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length });
      response.end(body);
    });
  },
).listen(Number(port), '127.0.0.1', () => console.log('ready'));
