import { sectionsOf } from './document.ts';

test('a page’s sections come with their plain shell blocks, and those without any are left out', () => {
  const page = `# Page
\`\`\`sh
before
\`\`\`
## One
\`\`\`sh
a
b
\`\`\`
text
\`\`\`sh office
not here
\`\`\`
\`\`\`sh
c
\`\`\`
## Words
## Two
\`\`\`sh
d
\`\`\`
`;
  expect(sectionsOf(page)).toEqual([
    { title: 'One', commands: 'a\nb\nc\n' },
    { title: 'Two', commands: 'd\n' },
  ]);
});
