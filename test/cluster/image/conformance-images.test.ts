import { spawnSync } from 'node:child_process';
import { conformanceImages } from './conformance-images.ts';
import { Unpacked } from './unpacked.ts';

test('the image of Kubernetes’ end-to-end tests has what their scripts call', () => {
  const [archive = ''] = conformanceImages();
  const image = new Unpacked(archive);
  try {
    expect(image.refs).toEqual(['registry.k8s.io/e2e-test-images/agnhost:2.56']);
    const calls = [
      'dig -v',
      'curl --version',
      'bash --version',
      'nc -h',
      'ss -V',
      'ip -V',
      'nslookup -version',
      'id',
    ];
    for (const call of [...calls, 'getent passwd user-defined-in-image', '/agnhost-2 --version']) {
      const run = spawnSync(...image.run(['-c', call], ['/bin/sh']), { encoding: 'utf8', timeout: 60_000 });
      expect(`${call}: ${run.status} ${run.status === 0 ? '' : run.stderr}`).toBe(`${call}: 0 `);
    }
    const seq = spawnSync(...image.run(['-c', 'for i in `seq 1 3`; do echo $i; done'], ['/bin/sh']), {
      encoding: 'utf8',
    });
    expect(seq.stdout).toBe('1\n2\n3\n');
  } finally {
    image.remove();
  }
});
