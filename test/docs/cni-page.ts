import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One plugin's configuration as libcni would hand it over. */
export interface Example {
  readonly cniVersion: string;
  readonly name: string;
  readonly type: string;
  readonly [field: string]: unknown;
  readonly ipam: { readonly type: string; readonly [field: string]: unknown };
}

const page = readFileSync(join(import.meta.dirname, '../../docs/cni.md'), 'utf8');

/** Every configuration on docs/cni.md: of a conf list its first plugin, of a lone plugin what a list would add. */
export const examples: readonly Example[] = [...page.matchAll(/```json\n(.*?)```/gs)].map(([, text = '']) => {
  const { cniVersion = '1.0.0', name = 'real', plugins, ...own } = JSON.parse(text);
  return { cniVersion, name, ...(plugins?.[0] ?? own) };
});

/** Reports whether no plugin but ours takes part in it. */
export function isOurs({ type, ipam }: Example): boolean {
  return type === 'realip' && ipam.type === 'realip-ipam';
}

/** The fields that the table "Every field" explains, such as `mtu` and `ipam.node`. */
export function documentedFields(): string[] {
  const [, section = ''] = page.split('\n## Every field\n');
  const [table = ''] = section.trimStart().split('\n\n');
  const cells = table.split('\n').map((row) => row.split('|')[1] ?? '');
  return cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, field = '']) => field));
}

/** The fields that an example shows, by the table's names. */
export function fieldsOf(example: Example): string[] {
  const own = isOurs(example) ? Object.keys(example.ipam) : ['type'];
  return [...Object.keys(example), ...own.map((field) => `ipam.${field}`)];
}
