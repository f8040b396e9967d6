import { setTimeout as sleep } from 'node:timers/promises';
import { lan, office } from '../plan.ts';
import { businessPod } from '../pod.ts';
import { reach } from '../visit.ts';
import { launch } from './pods.ts';
import { type Pods, podNamed, type Stage } from './stage.ts';

/** Chapter: a deleted pod's address rests before anyone gets it again. */
export async function showReuse(stage: Stage, pods: Pods): Promise<void> {
  const { terminal, ledger, runtime, scheduler } = stage;
  terminal.chapter('Release and re-use: an address rests before it is given again');
  const first = podNamed(pods, 'shop-1');
  await terminal.step('shop-1 is deleted', async () => {
    const milliseconds = await runtime.stop(first);
    scheduler.leave(first.node);
    pods.delete(first.name);
    const { state, until } = await ledger.address(first.address);
    if (state !== 'cooling') {
      throw new Error(`${first.address} is ${state}, not cooling`);
    }
    return `DEL ${milliseconds.toFixed(1)} ms; ${first.address} is cooling until ${until?.slice(11, 19)}`;
  });
  await terminal.step('its neighbours live on: office → shop-3', () =>
    reach(stage.network.office, podNamed(pods, 'shop-3').address, 'shop-3'),
  );
  const fifth = await launch(stage, businessPod('shop-5'));
  await terminal.step('shop-5 got another address', async () => {
    if (fifth === undefined || fifth.address === first.address) {
      throw new Error(`shop-5 has ${fifth?.address ?? 'no address'}`);
    }
    pods.set(fifth.name, fifth);
    return `${fifth.address}, not ${first.address}`;
  });
  await terminal.step(`${lan.cooldownSeconds} s later ${first.address} is given again`, async () => {
    await sleep(lan.cooldownSeconds * 1000);
    // n1 has three addresses of its own: two are in use, so the next pod there gets the rested one.
    const again = await runtime.start(businessPod('shop-6'), first.node);
    pods.set(again.name, again);
    if (again.address !== first.address) {
      throw new Error(`${again.address} was given`);
    }
    return reach(stage.network.office, again.address, 'shop-6', office.address);
  });
}
