import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Host } from '../kernel/host.ts';
import { doublesIn, type Holding, holdingsIn, silence } from './sniffer/doubles.ts';
import { type Claim, claimIn } from './sniffer/frame.ts';

/** From where holders are asked; nobody's address. */
const watcher = '10.9.255.250';

const askEveryMs = 3_000;

/**
 * Listens at every port of a switch for those who say that they have an address, and asks all of them again and
 * again, as any host would: by whom an address was held, and where, is known from the wire alone.
 */
export class Sniffer {
  readonly #wire: Host;
  readonly #bridge: string;
  readonly #process: ChildProcess;
  readonly #claims: Claim[] = [];
  readonly #heard = new Map<string, number>();
  readonly #timer: NodeJS.Timeout;

  private constructor(wire: Host, bridge: string, process: ChildProcess) {
    this.#wire = wire;
    this.#bridge = bridge;
    this.#process = process;
    this.#timer = setInterval(() => this.#ask(), askEveryMs);
  }

  /** Listens when this is done. @param wire the switch @param bridge its bridge */
  static async start(wire: Host, bridge = 'lan'): Promise<Sniffer> {
    wire.ip(`address replace ${watcher}/32 dev ${bridge}`);
    // What comes in, before the bridge hands it on; frames that it hands on are outgoing ones of other ports.
    const args = ['-i', 'any', '-Q', 'in', '-n', '-e', '-tt', '-l', '--immediate-mode', '-B', '16384', 'arp'];
    const child = wire.start('tcpdump', args);
    const sniffer = new Sniffer(wire, bridge, child);
    if (child.stdout !== null) {
      createInterface({ input: child.stdout }).on('line', (line) => sniffer.#take(line));
    }
    await new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (data) => String(data).includes('listening on') && resolve());
      child.once('exit', () => reject(new Error('tcpdump ended')));
    });
    return sniffer;
  }

  /** The addresses that two places held at a time until now, in words; none is right. @throws Error when it is deaf */
  doubles(): string[] {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) {
      throw new Error('tcpdump ended');
    }
    return doublesIn(this.#claims);
  }

  /** Asks for these from now on, too: who has one and was not heard when it took it up answers. */
  seek(addresses: readonly string[]): void {
    for (const address of addresses) {
      this.#heard.set(address, Date.now());
    }
  }

  /** Who held which address until now, by the wire alone. */
  holdings(): Holding[] {
    return holdingsIn(this.#claims);
  }

  /** Who said so far that it has an address. */
  get claims(): readonly Claim[] {
    return this.#claims;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#process.exitCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGINT');
      await ended;
    }
    this.#wire.ip(`address delete ${watcher}/32 dev ${this.#bridge}`);
  }

  #take(line: string): void {
    const claim = claimIn(line);
    // The bridge's own interface sees again what came in by a port.
    if (claim !== null && claim.port !== this.#bridge && claim.address !== watcher) {
      this.#claims.push(claim);
      this.#heard.set(claim.address, Date.now());
    }
  }

  /** By the kernel's own questions: an entry that it has nothing of is asked for by broadcast, so that all hear it. */
  #ask(): void {
    const since = Date.now() - silence * 1000;
    const lines = [...this.#heard]
      .filter(([, time]) => time > since)
      .flatMap(([address]) => {
        const entry = `neigh replace ${address} dev ${this.#bridge} nud none`;
        return [entry, `${entry} use`];
      });
    const batch = spawn('ip', ['-n', this.#wire.name, '-force', '-batch', '-'], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    batch.stdin.end(`${lines.join('\n')}\n`);
  }
}
