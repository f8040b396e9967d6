import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '../..');
const rules = '.dependency-cruiser.cjs';

/** Lays out a small tree of files, and gives the names of the rules that it breaks. */
function broken(files: Readonly<Record<string, string>>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'realip-direction-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    for (const name of [rules, 'tsconfig.json', 'tsconfig.node.json']) {
      copyFileSync(join(root, name), join(folder, name));
    }
    const cruiser = join(root, 'node_modules/.bin/depcruise');
    const parts = [
      ...new Set(
        Object.keys(files)
          .filter((path) => path.endsWith('.ts'))
          .map((path) => path.split('/')[0] ?? ''),
      ),
    ];
    const run = spawnSync(cruiser, ['--output-type', 'json', ...parts], { cwd: folder, encoding: 'utf8' });
    const { summary } = JSON.parse(run.stdout) as { summary: { violations: { rule: { name: string } }[] } };
    return summary.violations.map(({ rule }) => rule.name).toSorted();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const empty = 'export const it = 1;\n';

test('what the architecture allows breaks no rule', () => {
  const files = {
    'core/a.ts': empty,
    'schema/b.ts': "import type { it } from '../core/a.ts';\nexport type It = typeof it;\n",
    'cni/c.ts':
      "import type { It } from '../schema/b.ts';\nimport { it } from '../core/a.ts';\nexport const x: It = it;\n",
  };
  expect(broken(files)).toEqual([]);
});

test.each([
  ['pure code that reads a file', 'core-imports-only-core', 'core/a.ts', "import 'node:fs';\n"],
  [
    'a message that opens a socket',
    'netlink-messages-are-pure',
    'netlink/message/a.ts',
    "import '../b.ts';\n",
  ],
  [
    'a part that imports another',
    'parts-do-not-import-each-other',
    'cni/a.ts',
    "import '../webhook/b.ts';\n",
  ],
  [
    'a server that speaks netlink',
    'only-the-host-executable-uses-netlink',
    'webhook/a.ts',
    "import '../netlink/b.ts';\n",
  ],
  [
    'a module of Node’s that every call of the plugin would load',
    'no-module-of-the-runtime-on-the-plugins-path',
    'cni/a.ts',
    "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n",
  ],
  [
    'a schema’s code on the plugin’s path',
    'schema-lends-types-to-the-plugin',
    'cni/a.ts',
    "import '../schema/b.ts';\n",
  ],
  [
    'a ledger that reads a clock of Node’s',
    'pure-centres-do-no-io',
    'ipam-server/ledger/a.ts',
    "import 'node:perf_hooks';\n",
  ],
  [
    'a ledger that knows HTTP',
    'the-ledger-knows-no-door',
    'ipam-server/ledger/a.ts',
    "import '../http/b.ts';\n",
  ],
  [
    'a policy that knows admission',
    'policy-and-placement-know-no-door',
    'webhook/policy/a.ts',
    "import '../admission/b.ts';\n",
  ],
  ['a product that imports tests', 'nothing-imports-tests', 'cni/a.ts', "import '../test/b.ts';\n"],
])('%s breaks the rule %s', (_what, rule, path, text) => {
  const target = /'(\.[^']*)'/.exec(text)?.[1];
  const other = target === undefined ? {} : { [join(dirname(path), target)]: empty };
  expect(broken({ [path]: text, ...other })).toContain(rule);
});

test('an npm package on the plugin’s path breaks the rule, its types alone do not', () => {
  const module = {
    'node_modules/left/package.json': '{"name":"left","version":"1.0.0","main":"main.js"}',
    'node_modules/left/main.js': 'exports.it = 1;\n',
    'package.json': '{"name":"x","dependencies":{"left":"1.0.0"}}',
  };
  const rule = 'no-npm-on-the-plugins-path';
  expect(broken({ ...module, 'cni/a.ts': "import { it } from 'left';\nexport const x = it;\n" })).toContain(
    rule,
  );
  expect(broken({ ...module, 'cni/a.ts': "import type { it } from 'left';\nexport type X = it;\n" })).toEqual(
    [],
  );
});

test('a cycle is refused', () => {
  expect(broken({ 'core/a.ts': "import './b.ts';\n", 'core/b.ts': "import './a.ts';\n" })).toContain(
    'no-cycles',
  );
});
