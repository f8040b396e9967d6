/**
 * The IPAM server on a store whose every commit takes 5 ms longer, as on a disk with an honest flush; or as many
 * milliseconds as STORE_DELAY_MS says.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '../../ipam-server/serve.ts';

const delayMs = Number(process.env['STORE_DELAY_MS'] ?? 5);

await serve(process.argv.slice(2), (store) => ({
  name: `${store.name}, ${delayMs} ms slower`,
  copyStem: store.copyStem,
  isCurrent: store.isCurrent,
  isOnlyRead: store.isOnlyRead,
  load: (take) => store.load(take),
  commit: async (commits) => {
    await sleep(delayMs);
    await store.commit(commits);
  },
  events: (query) => store.events(query),
  oldestEvent: () => store.oldestEvent(),
  forgetEvents: (before) => store.forgetEvents(before),
  backup: (to) => store.backup(to),
  check: () => store.check(),
  close: () => store.close(),
}));
