import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import type { Host } from './host.ts';

/** Where an `Echo` listens. */
export const echoPort = 9090;

/** Answers each connection and each datagram with its name and the address that it was spoken to from. */
const server = `
  const [name] = process.argv.slice(1);
  const say = (address) => name + ' ' + address.replace('::ffff:', '');
  const tcp = require('net').createServer((peer) => {
    peer.on('error', () => undefined);
    peer.end(say(peer.remoteAddress));
  });
  const udp = require('dgram').createSocket('udp6', (_, peer) =>
    udp.send(say(peer.address), peer.port, peer.address));
  tcp.listen(${echoPort}, '::', () => udp.bind(${echoPort}, () => console.log('ready')));`;

/** Asks each address over TCP and UDP at once; prints what each answered. */
const client = `
  const ask = (address, protocol) => new Promise((resolve) => {
    setTimeout(() => resolve('silence'), 1500);
    if (protocol === 'tcp') {
      const peer = require('net').connect(80, address);
      peer.on('data', (data) => resolve(String(data))).on('error', (error) => resolve(error.code));
    } else {
      const peer = require('dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4');
      peer.connect(80, address, () => peer.send('?'));
      peer.on('message', (data) => resolve(String(data))).on('error', (error) => resolve(error.code));
    }
  });
  const asked = process.argv.slice(1).flatMap((address) =>
    ['tcp', 'udp'].map(async (protocol) => [protocol + ' ' + address, await ask(address, protocol)]));
  Promise.all(asked).then((answers) => {
    console.log(JSON.stringify(Object.fromEntries(answers)));
    process.exit();
  });`;

/** A server of TCP and UDP at `echoPort` of a host. */
export class Echo {
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess) {
    this.#process = process;
  }

  /** @param name what it answers with, before a blank and the address of who asked */
  static async start(host: Host, name: string): Promise<Echo> {
    const child = host.start(process.execPath, ['-e', server, name]);
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => resolve());
      child.once('exit', () => reject(new Error(`the echo ${name} ended`)));
    });
    return new Echo(child);
  }

  async stop(): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGKILL');
    await ended;
  }
}

/**
 * What addresses answer at port 80, asked from a host: by protocol and address, such as
 * `{"tcp 10.96.0.1": "b 10.9.1.0"}`; `silence` for none.
 */
export function answersOf(host: Host, addresses: readonly string[]): Record<string, string> {
  const { stdout, stderr } = spawnSync(
    'ip',
    ['netns', 'exec', host.name, process.execPath, '-e', client, ...addresses],
    { encoding: 'utf8' },
  );
  return stdout === '' ? { failure: stderr } : JSON.parse(stdout);
}
