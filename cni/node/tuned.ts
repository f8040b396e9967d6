import { files } from '../files.ts';

/** Where upstream's plugin `tuning` notes what an interface was like before it (`dataDir`'s default). */
const notes = '/run/cni/tuning';

/**
 * The MTU that an interface had before `tuning` changed it: that plugin tells the new one in no result, so that its
 * note is the only sign that the change was meant. Undefined where it changed none.
 */
export function mtuBeforeTuning(containerId: string, ifname: string, folder = notes): number | undefined {
  try {
    const note: unknown = JSON.parse(files().readFileSync(`${folder}/${containerId}_${ifname}.json`, 'utf8'));
    const mtu = typeof note === 'object' && note !== null && 'mtu' in note ? note.mtu : undefined;
    return typeof mtu === 'number' ? mtu : undefined;
  } catch {
    return undefined;
  }
}
