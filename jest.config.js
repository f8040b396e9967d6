/** Pure tests run as TypeScript modules; suites with real parts (test/) use the build in dist/. */
export default {
  cacheDirectory: '.cache/jest',
  testEnvironment: 'node',
  // Tests with real parts wait for them as long as a busy machine takes: only what hangs takes so long.
  testTimeout: 180_000,
  testMatch: ['**/*.test.ts', '**/*.test.mjs'],
  globalSetup: './test/cluster/jest-setup.mjs',
  globalTeardown: './test/cluster/jest-teardown.mjs',
  testPathIgnorePatterns: ['/node_modules/', '\\.bun\\.test\\.ts$', '/dist/'],
  modulePathIgnorePatterns: ['/dist/', '/\\.cache/'],
  moduleNameMapper: { '^fast-check$': '<rootDir>/test/seeded-fast-check.mjs' },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
};
