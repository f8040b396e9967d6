import { stepsOf } from './guide.ts';

test('a page’s code blocks come in order, with their section, their seat and their line', () => {
  const page = `# Page
## One
\`\`\`sh
a
b
\`\`\`
text
\`\`\`sh office
c
\`\`\`
## Two
\`\`\`sh ledger-node
## no heading
\`\`\`
`;
  expect(stepsOf(page)).toEqual([
    { section: 'One', seat: 'admin', script: 'a\nb', line: 4 },
    { section: 'One', seat: 'office', script: 'c', line: 9 },
    { section: 'Two', seat: 'ledger-node', script: '## no heading', line: 13 },
  ]);
});

test('a block that nobody would run is refused, with its line', () => {
  expect(() => stepsOf('# Page\n```yaml\na: 1\n```\n')).toThrow('line 2: ```yaml');
});
