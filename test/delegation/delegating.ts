import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Host } from '../kernel/host.ts';
import { type Answer, type Call, Plugin } from '../kernel/plugin.ts';
import { cniPlugins } from '../parts/catalogue.ts';
import { goPart } from '../parts/go-part.ts';

/** The upstream plugins. */
export const upstream = goPart(cniPlugins);

/** A folder with plugins that are shell scripts: what follows `#!/bin/sh`, by name. */
export function scripts(bodies: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'realip-scripts-'));
  for (const [name, body] of Object.entries(bodies)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** The plugin with another IPAM plugin under it. */
export class DelegatingPlugin extends Plugin {
  readonly #cniPath: string;

  /** @param ipam the whole section of the configuration */
  constructor(node: Host, ipam: object, conf: object = {}, cniPath = upstream) {
    super(node, conf);
    this.conf['ipam'] = ipam;
    this.#cniPath = cniPath;
  }

  override call(call: Call): Answer {
    return super.call(this.#found(call));
  }

  override start(call: Call, killAt?: number | ((pid: number) => boolean)): Promise<number | null> {
    return super.start(this.#found(call), killAt);
  }

  #found(call: Call): Call {
    return { ...call, env: { CNI_PATH: this.#cniPath, ...call.env } };
  }
}
