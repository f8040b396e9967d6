import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../../parts/cache.ts';
import { partRefs, pauseImage } from './part-images.ts';
import { copyStore, imageStore } from './store.ts';

const databases = [
  'io.containerd.metadata.v1.bolt/meta.db',
  'io.containerd.snapshotter.v1.overlayfs/metadata.db',
];

test('a store is made once, and its copies share what never changes, and nothing else', async () => {
  const store = await imageStore([pauseImage()]);
  const made = statSync(join(store, databases[0] ?? '')).ino;
  expect(await imageStore([pauseImage()])).toBe(store);
  expect(statSync(join(store, databases[0] ?? '')).ino).toBe(made);
  // On the cache's own disk, as the nodes are: other disks can't share files.
  const work = mkdtempSync(join(cacheFolder(), '.copy-'));
  try {
    const copy = join(work, 'containerd');
    copyStore(store, copy);
    for (const name of databases) {
      expect(statSync(join(copy, name)).ino).not.toBe(statSync(join(store, name)).ino);
      expect(readFileSync(join(copy, name)).equals(readFileSync(join(store, name)))).toBe(true);
    }
    expect(readFileSync(join(copy, databases[0] ?? '')).includes(partRefs.pause)).toBe(true);
    const blobs = 'io.containerd.content.v1.content/blobs/sha256';
    const names = readdirSync(join(store, blobs));
    expect(names.length).toBeGreaterThan(0);
    for (const name of names) {
      expect(statSync(join(copy, blobs, name)).ino).toBe(statSync(join(store, blobs, name)).ino);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
});
