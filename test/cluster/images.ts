import { agnhostImage, corednsImage, pauseImage } from './image/part-images.ts';
import { realipImage } from './image/realip-images.ts';
import { imageStore } from './image/store.ts';

/**
 * What is on every node, since nothing can be pulled.
 *
 * @param more archives beside what every cluster has; of two by one name the later one counts
 * @returns a containerd's folder with all images, see `copyStore`
 */
export function nodeStore(more: readonly string[] = []): Promise<string> {
  const own = (['agent', 'ipam-server', 'webhook'] as const).map(realipImage);
  return imageStore([pauseImage(), ...own, corednsImage(), agnhostImage(), ...more]);
}
