import { dirname } from 'node:path';
import type { Host } from '../kernel/host.ts';
import { type Answer, type Call, Plugin } from '../kernel/plugin.ts';
import { upstream } from './delegating.ts';

/** realip's executable, and the link to it by which it is an IPAM plugin. */
export const realip = new URL('../../dist/realip', import.meta.url).pathname;
export const realipIpam = new URL('../../dist/realip-ipam', import.meta.url).pathname;

/** An upstream main plugin with realip-ipam under it. */
export class UpstreamPlugin extends Plugin {
  readonly #program: string;

  constructor(node: Host, type: string, conf: object) {
    super(node, { type, ...conf });
    this.#program = `${upstream}/${type}`;
  }

  override call(call: Call): Answer {
    const env = { CNI_PATH: `${upstream}:${dirname(realipIpam)}`, ...call.env };
    return super.call({ program: this.#program, ...call, env });
  }
}
