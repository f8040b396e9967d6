import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { problemKinds } from '../../core/problem/registry.ts';

const page = join(import.meta.dirname, '../../docs/errors.md');

function written(): string {
  const rows = Object.entries(problemKinds)
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(
      ([code, { status, cni, title, advice }]) =>
        `| \`${code}\` | ${status ?? ''} | ${cni ?? ''} | ${title} | ${advice} |`,
    );
  return `# Errors

Every error that a user can meet, by its code. Servers answer it as \`application/problem+json\` with the HTTP status; the plugin answers the CNI code (1–7, 11, 50 and 51 are the specification's), with the error's code at the start of \`msg\` and the advice in \`details\`. What happened in the case at hand stands in the \`detail\` or \`msg\`.

This page is made from the tables in \`core/problem/\` (CONTRIBUTING.md, "Add an error").

| Code | HTTP | CNI | What it means | What to do |
|---|---|---|---|---|
${rows.join('\n')}
`;
}

test('docs/errors.md tells of every error of the registry, and of no other', () => {
  if (process.env['UPDATE_DOCS'] === '1') {
    writeFileSync(page, written());
  }
  expect(readFileSync(page, 'utf8')).toBe(written());
});

test.each(Object.entries(problemKinds))(
  '%s is an UPPER_SNAKE code that says what it means and what to do',
  (code, kind) => {
    expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
    expect(kind.title).toMatch(/^\P{Ll}.*\.$/u);
    expect(kind.advice).toMatch(/\.$/);
  },
);
