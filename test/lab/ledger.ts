import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AddressReport, MapCell } from '../../schema/address.ts';
import { type Control, call } from './control.ts';
import { lan, nodes } from './plan.ts';

/** The IPAM server as an admin's client sees it. */
export class Ledger {
  readonly #control: Control;
  readonly #ca: Buffer;

  constructor(control: Control) {
    this.#control = control;
    this.#ca = readFileSync(control.certificates.ca);
  }

  /** Declares zones, nodes, the subnet and its ranges, as an admin would with curl; @returns how many calls. */
  async declare(): Promise<number> {
    const { cidr, gateway, cooldownSeconds, shared } = lan;
    const [start, end] = shared;
    const objects: [path: string, body: object][] = [
      ['zones/real', { type: 'macvlan', macPrefix: '0a:58' }],
      ['zones/overlay', { type: 'overlay' }],
      ['subnets/lan', { zone: 'real', cidr, gateway, cooldownSeconds }],
      ...nodes.map(({ name, zone }): [string, object] => [`nodes/${name}`, { zone }]),
      ...nodes.flatMap(({ name, range }): [string, object][] =>
        range === undefined
          ? []
          : [[`ranges/${name}`, { subnet: 'lan', start: range[0], end: range[1], node: name }]],
      ),
      ['ranges/shared', { subnet: 'lan', start, end }],
    ];
    for (const [path, body] of objects) {
      await this.#ask('PUT', `/v1/${path}`, body);
    }
    return objects.length;
  }

  /** Gives each node with an agent a further range of its own, from which it keeps a reserve. */
  async declareReserves(): Promise<void> {
    for (const { name, reserve } of nodes) {
      if (reserve !== undefined) {
        const [start, end] = reserve;
        await this.#ask('PUT', `/v1/ranges/${name}-reserve`, { subnet: 'lan', start, end, node: name });
      }
    }
  }

  /** Waits until an address is in a state. @returns milliseconds that it took; @throws Error after `withinMs` */
  async becomes(ip: string, wanted: AddressReport['state'], withinMs: number): Promise<number> {
    const began = performance.now();
    for (;;) {
      const { state } = await this.address(ip);
      const milliseconds = performance.now() - began;
      if (state === wanted) {
        return milliseconds;
      }
      if (milliseconds > withinMs) {
        throw new Error(`after ${withinMs / 1000} s ${ip} is ${state}, not ${wanted}`);
      }
      await sleep(20);
    }
  }

  async address(ip: string): Promise<AddressReport> {
    return (await this.#ask('GET', `/v1/addresses/${ip}`)) as AddressReport;
  }

  /** Every address of the lab's subnet with its state; they fit into one page. */
  async map(): Promise<MapCell[]> {
    const page = (await this.#ask('GET', '/v1/subnets/lan/map?limit=1000')) as { items: MapCell[] };
    return page.items;
  }

  async #ask(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await call(this.#control.sockets.ipam, this.#ca, method, path, {
      token: this.#control.adminToken,
      ...(body === undefined ? {} : { body }),
    });
    if (answer.status >= 400) {
      throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }
}
