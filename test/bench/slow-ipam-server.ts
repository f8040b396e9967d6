/** The IPAM server on a store whose every commit takes 5 ms longer, as on a disk with an honest flush. */
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '../../ipam-server/serve.ts';

const delayMs = 5;

await serve(process.argv.slice(2), (store) => ({
  name: `${store.name}, ${delayMs} ms slower`,
  file: store.file,
  load: (take) => store.load(take),
  commit: async (commit) => {
    await sleep(delayMs);
    await store.commit(commit);
  },
  events: (query) => store.events(query),
  oldestEvent: () => store.oldestEvent(),
  forgetEvents: (before) => store.forgetEvents(before),
  backup: (to) => store.backup(to),
  close: () => store.close(),
}));
