import { parseDockerfile } from './dockerfile.ts';

test('a Dockerfile is read as stages of instructions', () => {
  const text = `# syntax=docker/dockerfile:1
FROM node:20 AS build
WORKDIR /src
RUN --mount=type=cache,target=/root/.npm node \\
    scripts/build.mjs

FROM scratch
# to be root's
COPY --from=build --chown=0:0 /out/ /app/
LABEL a.title="two words" b=c
user 65532
ENTRYPOINT ["/node", "a b"]
`;
  expect(parseDockerfile(text)).toEqual([
    {
      base: 'node:20',
      name: 'build',
      instructions: [
        { keyword: 'WORKDIR', flags: {}, words: ['/src'], isArray: false },
        {
          keyword: 'RUN',
          flags: { mount: 'type=cache,target=/root/.npm' },
          words: ['node', 'scripts/build.mjs'],
          isArray: false,
        },
      ],
    },
    {
      base: 'scratch',
      name: undefined,
      instructions: [
        {
          keyword: 'COPY',
          flags: { from: 'build', chown: '0:0' },
          words: ['/out/', '/app/'],
          isArray: false,
        },
        { keyword: 'LABEL', flags: {}, words: ['a.title=two words', 'b=c'], isArray: false },
        { keyword: 'USER', flags: {}, words: ['65532'], isArray: false },
        { keyword: 'ENTRYPOINT', flags: {}, words: ['/node', 'a b'], isArray: true },
      ],
    },
  ]);
});

test('what stands before the first FROM is refused', () => {
  expect(() => parseDockerfile('ARG V=1\nFROM scratch\n')).toThrow('before the first FROM: ARG V=1');
});
