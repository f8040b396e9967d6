/** Where connections come in or go to: a socket file, or a port of a host (the loopback by default). */
type End = { readonly path: string } | { readonly port: number; readonly host?: string };

/**
 * The command of a program that passes connections on. Socket files are seen from all network namespaces: this is
 * how one reaches into another.
 */
export function relay(from: End, to: End): string[] {
  const loopback = { host: '127.0.0.1' };
  const script = `
    const { connect, createServer } = require('node:net');
    createServer((client) => {
      const far = connect(${JSON.stringify({ ...loopback, ...to })});
      client.pipe(far).pipe(client);
      for (const [each, other] of [[client, far], [far, client]]) {
        each.on('error', () => other.destroy());
        each.on('close', () => other.destroy());
      }
    }).listen(${JSON.stringify({ ...loopback, ...from })});`;
  return [process.execPath, '-e', script];
}
