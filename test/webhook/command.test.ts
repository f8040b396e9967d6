import { run } from './run.ts';

test.each([['--help'], ['-h'], ['help'], ['serve', '--help']])('%s %s tells the flags', (...args) => {
  const { status, stdout, stderr } = run(args);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/--policy <file>/);
  expect(stdout).toMatch(/^ {2}serve .*\n {2}explain .*\n {2}test /m);
});

test('--version tells it', () => {
  expect(run(['--version'])).toEqual({
    status: 0,
    stdout: expect.stringMatching(/^realip-webhook \d+\.\d+\.\d+\n$/),
    stderr: '',
  });
});

test('a word that is no command is refused, and told what it may have been', () => {
  expect(run(['server'])).toEqual({
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('"server" is no command; did you mean "serve"?'),
  });
  expect(run(['frobnicate']).stderr).toContain('"frobnicate" is no command; known are serve, explain, test');
});

test('a flag that does not exist, or is missing, is named once', () => {
  const needed = ['--policy', 'a', '--tls-cert', 'b', '--tls-key', 'c'];
  expect(run([...needed, '--kub'])).toEqual({
    status: 1,
    stdout: '',
    stderr: "error: unknown option '--kub'\n(Did you mean --kube?)\n",
  });
  expect(run([]).stderr).toBe("error: required option '--policy <file>' not specified\n");
  // Nothing that is needed is there either: the misspelt one is told first.
  expect(run(['--polcy', 'a']).stderr).toBe("error: unknown option '--polcy'\n(Did you mean --policy?)\n");
  expect(run(['test', '--case', 'a']).stderr).toContain('Did you mean --cases?');
  expect(run(['explain', '--polcy', 'a', 'f']).stderr).toContain('Did you mean --policy?');
  expect(run([...needed, '--log-level', 'bogus']).stderr).toContain('known are error, warn, info, debug');
  expect(run([...needed, 'stray']).stderr).toContain('too many arguments');
});
