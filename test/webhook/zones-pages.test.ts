import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadPolicy } from '../../webhook/policy/load.ts';
import { run } from './run.ts';
import { Folder } from './webhook-process.ts';

const docs = join(import.meta.dirname, '../../docs');
const pages = ['zones.md', ...readdirSync(join(docs, 'zones')).map((name) => `zones/${name}`)];

interface Block {
  readonly language: string;
  /** Of a block that is a file: ```` ```yaml file=web.yaml ````. */
  readonly file: string;
  readonly text: string;
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(join(docs, page), 'utf8');
  return [...text.matchAll(/^```(\w+)(?: file=(\S+))?\n([\s\S]*?)^```$/gm)].map(
    ([, language = '', file = '', content = '']) => ({ language, file, text: content }),
  );
}

/** Runs each `$ realip-webhook …` of a console block; the block as it should be written. */
function played(text: string, folder: string): string {
  const lines = text.split('\n').filter((line) => line.startsWith('$ '));
  return lines
    .map((line) => {
      const [, name, ...args] = line.split(/\s+/);
      expect(name).toBe('realip-webhook');
      const { status, stdout, stderr } = run(args, '', folder);
      return `${line}\n${stdout}${stderr}${status === 0 ? '' : `[exit status ${status}]\n`}`;
    })
    .join('');
}

test.each(pages)('docs/%s: files are there, policies load, and commands print what stands there', (page) => {
  const folder = new Folder();
  try {
    for (const { language, file, text } of blocksOf(page)) {
      if (file !== '') {
        writeFileSync(folder.file(file), text);
      }
      if (file.startsWith('policy')) {
        expect(loadPolicy(text)).toMatchObject({ ok: true, warnings: [] });
      }
      if (language === 'console') {
        expect(text).toBe(played(text, folder.path));
      }
    }
  } finally {
    folder.remove();
  }
});

test('docs/zones/explain.md names every field of the JSON, and no other', () => {
  const folder = new Folder();
  try {
    for (const { file, text } of blocksOf('zones/explain.md')) {
      writeFileSync(folder.file(file || 'none'), text);
    }
    folder.write('ds.yaml', 'apiVersion: v1\nkind: DaemonSet\nspec: {template: {spec: {}}}\n');
    const files = ['web.yaml', 'lost.yaml', 'ds.yaml'];
    const { stdout } = run(['explain', '--policy', 'policy.yaml', '-o', 'json', ...files], '', folder.path);
    const { items, ...whole } = JSON.parse(stdout) as { items: object[] };
    expect(Object.keys(whole)).toEqual(['allowed', 'passedBy']);
    const fields = [...new Set(items.flatMap((item) => Object.keys(item)))];
    const page = readFileSync(join(docs, 'zones/explain.md'), 'utf8');
    const table = page.slice(page.indexOf('## As JSON'), page.indexOf('## Over HTTP'));
    const named = [...table.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(fields.sort());
  } finally {
    folder.remove();
  }
});
