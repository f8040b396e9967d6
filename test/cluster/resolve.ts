import type { LiveNode } from './node/node.ts';
import { clusterDns } from './plan.ts';

const script = `const {Resolver} = require('node:dns').promises; const r = new Resolver(); r.setServers([process.argv[1]]);
  r.resolve4(process.argv[2]).then((found) => console.log(JSON.stringify(found)))`;

/** What cluster DNS tells a node of a name; nothing where it doesn't answer, or doesn't know it. */
export async function resolve(node: LiveNode, name: string): Promise<string[]> {
  const { stdout } = await node.enter([process.execPath, '-e', script, clusterDns, name]);
  return stdout === '' ? [] : JSON.parse(stdout);
}
