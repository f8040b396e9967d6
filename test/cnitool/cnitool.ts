import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host, Outcome } from '../kernel/host.ts';
import { cniPlugins, cnitool } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';

const dist = new URL('../../dist', import.meta.url).pathname;

// biome-ignore lint/suspicious/noExplicitAny: the result of a chain is what the tests are about
export type Answer = Outcome & { readonly json: any };

/** libcni on a node, by its own command: it finds the plugins, chains their results and keeps the final one. */
export class CniTool {
  readonly #node: Host;
  readonly #program = join(goPart(cnitool), 'cnitool');
  readonly #path = `${dist}:${goPart(cniPlugins)}`;
  readonly #folder = mkdtempSync(join(tmpdir(), 'realip-cnitool-'));

  constructor(node: Host) {
    this.#node = node;
  }

  /** Puts a conf list in the place of the one before. */
  use(list: {
    readonly name: string;
    readonly cniVersion: string;
    readonly plugins: readonly object[];
  }): void {
    writeFileSync(join(this.#folder, `${list.name}.conflist`), JSON.stringify(list));
  }

  /** @param capabilities what the runtime knows, such as `{portMappings: []}` */
  call(
    command: 'add' | 'check' | 'del' | 'gc' | 'status',
    network: string,
    pod: { readonly path: string },
    capabilities: object = {},
  ): Answer {
    const env = {
      CNI_PATH: this.#path,
      NETCONFPATH: this.#folder,
      CAP_ARGS: JSON.stringify(capabilities),
      PATH: `${process.env['PATH']}:/usr/sbin:/sbin`,
    };
    const outcome = this.#node.run(this.#program, [command, network, pod.path], '', env);
    const isJson = outcome.stdout.startsWith('{');
    return { ...outcome, json: isJson ? JSON.parse(outcome.stdout) : undefined };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
