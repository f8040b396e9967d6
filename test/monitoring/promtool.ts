import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prometheus } from '../parts/catalogue.ts';
import { debianPart } from '../parts/debian-part.ts';

/** What promtool says to a text on its standard input or to a file: nothing but its exit status counts as praise. */
export function promtool(args: readonly string[], input = ''): { status: number | null; said: string } {
  const program = join(debianPart(prometheus), 'usr/bin/promtool');
  const { status, stdout, stderr } = spawnSync(program, args, { input, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}

/** What promtool finds wrong with PromQL expressions; empty when they are all well. */
export function faultsOf(expressions: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'realip-monitoring-'));
  const rules = expressions.map((expr, index) => ({ record: `expression:${index}`, expr }));
  // YAML is a superset of JSON.
  writeFileSync(join(folder, 'rules.yaml'), JSON.stringify({ groups: [{ name: 'expressions', rules }] }));
  const { status, said } = promtool(['check', 'rules', '--lint=none', join(folder, 'rules.yaml')]);
  rmSync(folder, { recursive: true });
  return status === 0 ? '' : said;
}
