// Between two parts of different versions: passes calls on, and changes the answers as another version would say them.
// Arguments: where to listen and what to ask, each `host:port` or the path of a unix socket, and `newer` (every object
// has one more field) or `older` (what came later is lacking).
import http from 'node:http';

const [listen, target, version] = process.argv.slice(2);

/** What answers did not always have. */
const recent = new Set(['nodes', 'probed']);

const place = (text) => {
  const [host, port] = text.split(':');
  return port === undefined ? { socketPath: text } : { host, port: Number(port) };
};

function skewed(value) {
  if (Array.isArray(value)) {
    return value.map(skewed);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value)
    .filter(([key]) => version === 'newer' || !recent.has(key))
    .map(([key, each]) => [key, skewed(each)]);
  return Object.fromEntries([
    ...entries,
    ...(version === 'newer' ? [['ofALaterVersion', { says: ['more'] }]] : []),
  ]);
}

const server = http.createServer((request, response) => {
  const { method, url: path, headers } = request;
  const passed = http.request({ ...place(target), method, path, headers }, async (answer) => {
    const parts = await answer.toArray();
    const text = Buffer.concat(parts).toString();
    const isJson = /json/.test(answer.headers['content-type'] ?? '') && text !== '';
    const body = isJson ? JSON.stringify(skewed(JSON.parse(text))) : text;
    const length = answer.statusCode === 204 ? {} : { 'content-length': Buffer.byteLength(body) };
    const { 'content-length': _, 'transfer-encoding': __, ...kept } = answer.headers;
    response.writeHead(answer.statusCode, { ...kept, ...length });
    response.end(body);
  });
  passed.on('error', () => response.destroy());
  request.pipe(passed);
});
const { socketPath, host, port } = place(listen);
server.listen(socketPath ?? { host, port }, () => console.log('ready'));
