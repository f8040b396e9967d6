import type { Ip } from '../../../../core/address/ip.ts';
import { Mac } from '../../../../core/address/mac.ts';
import type { Claim } from '../../../probe/claim.ts';
import type { Clock } from '../clock.ts';
import type { Wire } from '../wire.ts';

/** A network that says what a test wants it to say. */
export class TrialWire implements Wire {
  readonly asked: { readonly at: number; readonly ip: string; readonly asksPods: boolean }[] = [];
  readonly known = new Map<string, Claim>();
  life: string | undefined = 'first';
  fault: Error | undefined;
  listened: string[] = [];
  isAtRest = true;
  readonly #clock: Clock;
  #claims: Claim[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  claim(ip: Ip, mac = '02:00:00:00:00:99'): Claim {
    const claim = { ip, mac: Mac.parse(mac) };
    this.#claims.push(claim);
    return claim;
  }

  /** When an address was asked for. */
  timesOf(ip: Ip): number[] {
    return this.asked.filter((each) => each.ip === ip.toString()).map(({ at }) => at);
  }

  look(): string | undefined {
    if (this.fault !== undefined) {
      throw this.fault;
    }
    this.isAtRest = false;
    return this.life;
  }

  knownHere(ip: Ip): Claim | undefined {
    return this.known.get(ip.toString());
  }

  listen(ips: readonly Ip[]): void {
    this.listened = ips.map(String);
  }

  costOf(): number {
    return 2;
  }

  ask(ip: Ip, asksPods: boolean): void {
    this.asked.push({ at: this.#clock.now(), ip: ip.toString(), asksPods });
  }

  heard(): Claim[] {
    return this.#claims.splice(0).filter(({ ip }) => this.listened.includes(ip.toString()));
  }

  rest(): void {
    this.isAtRest = true;
    this.listened = [];
  }
}
