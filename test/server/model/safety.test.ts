import { MemoryDisk } from './disk.ts';
import { checkSafety } from './safety.ts';

test('in every life of a server, crashes and failed commits included: one owner an address, nothing acknowledged lost or resurrected, rest kept, totals equal, events true', async () => {
  await checkSafety(150, async () => new MemoryDisk());
}, 3_600_000);
