/**
 * The command of a program that passes connections on. Socket files are seen from all network namespaces: this is
 * how one reaches another's loopback.
 *
 * @param socket the file to listen on
 * @param port of the loopback where it runs
 */
export function relay(socket: string, port: number): string[] {
  const script = `
    const { connect, createServer } = require('node:net');
    createServer((client) => {
      const far = connect(${port}, '127.0.0.1');
      client.pipe(far).pipe(client);
      for (const [each, other] of [[client, far], [far, client]]) {
        each.on('error', () => other.destroy());
        each.on('close', () => other.destroy());
      }
    }).listen(${JSON.stringify(socket)});`;
  return [process.execPath, '-e', script];
}
