import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../kernel/host.ts';
import { upstream } from './delegating.ts';

/** A DHCP server (dnsmasq) on one host, with 10.9.5.1 to 10.9.5.50, and the daemon of upstream's `dhcp` on another. */
export class DhcpService {
  readonly server: ChildProcess;
  readonly #daemon: ChildProcess;
  readonly #folder: string;

  private constructor(folder: string, server: ChildProcess, daemon: ChildProcess) {
    this.#folder = folder;
    this.server = server;
    this.#daemon = daemon;
  }

  /** Both answer when this is done. @throws with what they say when they end instead */
  static async start(host: Host, node: Host): Promise<DhcpService> {
    const folder = mkdtempSync(join(tmpdir(), 'realip-dhcp-'));
    const at = (name: string) => join(folder, name);
    const options = [
      ...['--conf-file=/dev/null', '--port=0', '--interface=eth0', '--bind-interfaces'],
      ...[
        '--dhcp-range=10.9.5.1,10.9.5.50,255.255.0.0,1h',
        '--dhcp-option=option:router,10.9.0.1',
        '--no-ping',
      ],
      ...['--dhcp-host=02:00:00:00:00:77,10.9.5.77', '--dhcp-authoritative', '--user=root'],
      ...[`--dhcp-leasefile=${at('leases')}`, `--pid-file=${at('dnsmasq.pid')}`],
    ];
    const server = await started(host, 'dnsmasq', ['--keep-in-foreground', ...options], at('dnsmasq.pid'));
    const daemon = ['daemon', '-socketpath', at('dhcp.sock'), '-pidfile', at('dhcp.pid')];
    return new DhcpService(folder, server, await started(node, `${upstream}/dhcp`, daemon, at('dhcp.sock')));
  }

  /** Where the daemon answers. */
  get socket(): string {
    return join(this.#folder, 'dhcp.sock');
  }

  /** The leases that the server has given: MAC and address. */
  leases(): string[] {
    const path = join(this.#folder, 'leases');
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
    return lines.filter((line) => line !== '').map((line) => line.split(' ').slice(1, 3).join(' '));
  }

  async stopDaemon(): Promise<void> {
    await killed(this.#daemon);
  }

  async stop(): Promise<void> {
    await Promise.all([killed(this.server), killed(this.#daemon)]);
    rmSync(this.#folder, { recursive: true });
  }
}

/** Runs a program until it makes a file. */
async function started(host: Host, command: string, args: string[], sign: string): Promise<ChildProcess> {
  const child = host.start(command, args);
  let told = '';
  child.stderr?.on('data', (data) => {
    told += data;
  });
  child.stdout?.resume();
  while (!existsSync(sign)) {
    if (child.exitCode !== null) {
      throw new Error(`${command} ended: ${told}`);
    }
    await sleep(20);
  }
  return child;
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }
}
