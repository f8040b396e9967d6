import { Type } from 'typebox';
import { Problem } from '../../../core/problem/problem.ts';
import { NetlinkError } from '../../../netlink/message/netlink-error.ts';
import { DeviceName } from '../../../schema/text.ts';
import type { Detacher, PodLink } from '../doors.ts';
import { readBody } from './body.ts';
import { noContent } from './problem-answer.ts';
import type { Route } from './router.ts';
import { checkerOf } from './validation.ts';

const DetachBody = Type.Object(
  {
    netns: Type.String({ minLength: 1, maxLength: 4096 }),
    inode: Type.Integer({ minimum: 1 }),
    ifname: DeviceName,
  },
  { additionalProperties: false },
);

const checkBody = checkerOf('body', DetachBody);

/** Takes a pod's interface away for the plugin; what it belongs to is the plugin's to judge. */
export function detachRoute(detacher: Detacher): Route {
  return {
    method: 'POST',
    path: '/v1/agent/detach',
    answer: async ({ request }) => {
      await detach(detacher, checkBody(await readBody(request)));
      return noContent;
    },
  };
}

async function detach(detacher: Detacher, link: PodLink): Promise<void> {
  try {
    await detacher.detach(link);
  } catch (error) {
    throw error instanceof NetlinkError ? new Problem('KERNEL_REFUSED', error.message, {}, error) : error;
  }
}
