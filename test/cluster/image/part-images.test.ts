import { spawnSync } from 'node:child_process';
import { agnhost, coredns } from '../../parts/catalogue.ts';
import { agnhostImage, corednsImage, partRefs, pauseImage } from './part-images.ts';
import { Unpacked } from './unpacked.ts';

/** What a program says in its image's files alone; the image is gone afterwards. */
function said(archive: string, ref: string, calls: readonly (readonly string[])[]): string[] {
  const image = new Unpacked(archive);
  try {
    expect(image.refs).toContain(ref);
    return calls.map(([program = '', ...args]) => {
      const run = spawnSync(...image.run(args, [program]), { encoding: 'utf8', timeout: 60_000 });
      return run.stdout + run.stderr;
    });
  } finally {
    image.remove();
  }
}

test('CoreDNS has the plugins of a cluster’s DNS, and no others', () => {
  const calls = [
    ['/coredns', '-version'],
    ['/coredns', '-plugins'],
  ];
  const [version = '', plugins = ''] = said(corednsImage(), partRefs.coredns, calls);
  expect(`v${/\d+\.\d+\.\d+/.exec(version)}`).toBe(coredns.version);
  // The last five come with the others, which speak to them.
  expect(plugins.trim().split('\n').toSorted()).toEqual(
    [
      ...[
        'cache',
        'errors',
        'forward',
        'health',
        'hosts',
        'kubernetes',
        'loadbalance',
        'log',
        'loop',
        'ready',
      ],
      ...['reload', 'whoami'],
      ...['debug', 'dnstap', 'metadata', 'prometheus', 'transfer'],
    ].toSorted(),
  );
});

test('agnhost is there by both of its names, with a shell', () => {
  const calls = [
    ['/agnhost', 'help'],
    ['/agnhost-2', 'help'],
    ['/bin/sh', '-c', 'ls /bin/wget && echo "$0"'],
  ];
  const [first, second, shell] = said(agnhostImage(), partRefs.agnhost, calls);
  expect(first).toContain('netexec');
  expect(second).toBe(first);
  expect(shell).toBe('/bin/wget\n/bin/sh\n');
  expect(partRefs.agnhost).toContain(agnhost.version);
});

test('an image of the same content is the same file', () => {
  expect(pauseImage()).toBe(pauseImage());
});
