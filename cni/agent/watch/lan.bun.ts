import type { Ip } from '../../../core/address/ip.ts';
import { Mac } from '../../../core/address/mac.ts';
import { reasonOf } from '../../../core/problem/problem.ts';
import { Netlink } from '../../../netlink/netlink.bun.ts';
import { defaultDevice } from '../../node/default-device.bun.ts';
import { type Said, saidIn } from '../../probe/claim.ts';
import { probeAnswer } from './answer.ts';
import type { Claims } from './claims.ts';
import { type Device, devicesOf } from './devices.ts';
import { Echo, echoWait } from './echo.ts';
import { Listener } from './listener.bun.ts';
import type { ClaimNews, WatchFigures } from './messages.ts';

/** Milliseconds from one look at the interfaces to the next. */
const lookEvery = 10_000;
const lookAgainAfterFault = 1_000;
/** How old what is known of the kernel's proxy entries may be: a storm of probes costs ten looks a second. */
const proxiesAge = 100;

/** What the network is told of. */
export interface LanNews {
  claim(claim: ClaimNews): void;
  figures(figures: WatchFigures): void;
  fault(reason: string): void;
}

/** A twin's claim that waits for whether the network sends our own frames back. */
interface Doubt {
  readonly said: Said;
  readonly line: Line;
  readonly since: number;
}

interface Line {
  readonly listener: Listener;
  readonly echo: Echo;
}

/** All that is heard by a master and its VLANs, and what comes of it. Times are milliseconds of a clock that only goes forward. */
export class Lan {
  readonly #master: string | undefined;
  readonly #claims: Claims;
  readonly #news: LanNews;
  readonly #netlink = Netlink.open();
  #lines: Line[] = [];
  #doubts: Doubt[] = [];
  #lookAt = 0;
  #fault = '';
  /** Addresses that the kernel answers for in its pods' place, by interface's index, and when that was looked up. */
  #proxies = new Map<number, Set<string>>();
  #proxiesAt = Number.NEGATIVE_INFINITY;
  #answered = 0;
  #echoes = 0;

  constructor(master: string | undefined, claims: Claims, news: LanNews) {
    this.#master = master;
    this.#claims = claims;
    this.#news = news;
  }

  get sockets() {
    return this.#lines.flatMap(({ listener }) => listener.sockets);
  }

  /** When something is to be done next though nothing is heard. */
  get dueAt(): number {
    return Math.min(this.#lookAt, ...this.#doubts.map(({ since }) => since + echoWait));
  }

  /** Reads what has come and does what is due. */
  turn(now: number): void {
    for (const line of this.#lines) {
      line.listener.read((frame) => this.#take(frame, line, now));
    }
    this.#settle(now);
    if (now >= this.#lookAt) {
      this.look(now);
    }
  }

  /** Listens where it should: interfaces come and go, and a socket doesn't follow one that is made again. */
  look(now: number): void {
    try {
      const master = this.#master ?? defaultDevice(this.#netlink)?.name;
      const devices = master === undefined ? [] : devicesOf(this.#netlink.links.list(), master);
      this.#lines = [...this.#kept(devices), ...this.#added(devices)];
      this.#lookUpProxies(now);
      const isThere = devices.some(({ name }) => name === master);
      this.#say(isThere ? '' : master === undefined ? 'there is no default route' : `${master} is not there`);
    } catch (error) {
      this.#say(reasonOf(error));
    }
    this.#lookAt = now + (this.#fault === '' ? lookEvery : lookAgainAfterFault);
    const interfaces = this.#lines.map(({ listener }) => listener.heard(now));
    const proxied = this.#lines.flatMap(({ listener }) => [
      ...(this.#proxies.get(listener.device.index) ?? []),
    ]);
    this.#news.figures({ interfaces, proxied, answered: this.#answered, echoes: this.#echoes });
  }

  close(): void {
    for (const { listener } of this.#lines) {
      listener.close();
    }
    this.#lines = [];
    this.#netlink.close();
  }

  #take(frame: Uint8Array, line: Line, now: number): void {
    line.echo.take(frame, now);
    const said = this.#claims.mayConcern(frame) ? saidIn(frame) : undefined;
    switch (said && this.#claims.judge(said, line.listener.device.own)) {
      case 'question':
        this.#answer(said as Said, line, now);
        break;
      case 'twin':
        this.#doubt({ said: said as Said, line, since: now });
        break;
      case 'foreign':
        this.#tell(said as Said, line, now);
        break;
      default:
    }
  }

  /** For a pod behind this node. A pod on the network answers by itself, and for IPv6 the kernel does. */
  #answer({ ip, mac: asker }: Said, { listener }: Line, now: number): void {
    const { index, mac } = listener.device;
    if (ip.family === 'ipv4' && this.#isProxied(ip, index, now)) {
      listener.send(probeAnswer(mac, ip, asker));
      this.#answered += 1;
    }
  }

  #isProxied(ip: Ip, index: number, now: number): boolean {
    if (now - this.#proxiesAt > proxiesAge) {
      this.#lookUpProxies(now);
    }
    return this.#proxies.get(index)?.has(ip.toString()) === true;
  }

  #lookUpProxies(now: number): void {
    this.#proxiesAt = now;
    this.#proxies = new Map();
    for (const { index, ip } of this.#netlink.neighbours.list({ proxy: true })) {
      this.#proxies.set(index, (this.#proxies.get(index) ?? new Set()).add(ip.toString()));
    }
  }

  /** Thrice, because one frame may be lost. */
  #doubt(doubt: Doubt): void {
    const { said, line } = doubt;
    if (!this.#doubts.some((other) => other.said.ip.equals(said.ip))) {
      this.#doubts.push(doubt);
      for (let count = 0; count < 3; count++) {
        line.listener.send(line.echo.frame());
      }
    }
  }

  #settle(now: number): void {
    const settled = this.#doubts.filter(({ since }) => now >= since + echoWait);
    this.#doubts = this.#doubts.filter((doubt) => !settled.includes(doubt));
    for (const { said, line, since } of settled) {
      if (line.echo.isHeardSince(since)) {
        this.#echoes += 1;
      } else {
        this.#tell(said, line, now);
      }
    }
  }

  #tell(said: Said, { listener }: Line, now: number): void {
    const told = this.#claims.tell(said, now);
    if (told !== undefined) {
      const { ip, mac, frames } = told;
      this.#news.claim({ ip: `${ip}`, mac: `${mac}`, frames, interface: listener.device.name });
    }
  }

  #kept(devices: readonly Device[]): Line[] {
    return this.#lines.filter(({ listener }) => {
      const isThere = devices.some((device) => isSame(device, listener.device));
      if (!isThere) {
        listener.close();
      }
      return isThere;
    });
  }

  #added(devices: readonly Device[]): Line[] {
    const old = this.#lines.map(({ listener }) => listener.device);
    return devices
      .filter((device) => !old.some((each) => isSame(device, each)))
      .map((device) => ({ listener: Listener.open(device), echo: new Echo(device.mac, randomMark()) }));
  }

  #say(fault: string): void {
    if (fault !== '' && fault !== this.#fault) {
      this.#news.fault(fault);
    }
    this.#fault = fault;
  }
}

function isSame(one: Device, other: Device): boolean {
  return one.index === other.index && one.name === other.name && one.mac.equals(other.mac);
}

function randomMark(): Mac {
  return Mac.fromBytes(crypto.getRandomValues(new Uint8Array(6)));
}
