import { agnhostImage, corednsImage, pauseImage } from './image/part-images.ts';
import { realipImage } from './image/realip-images.ts';
import { imageStore } from './image/store.ts';

/**
 * What is on every node, since nothing can be pulled.
 *
 * @returns a containerd's folder with all images, see `copyStore`
 */
export function nodeStore(): Promise<string> {
  const own = (['agent', 'ipam-server', 'webhook'] as const).map(realipImage);
  return imageStore([pauseImage(), ...own, corednsImage(), agnhostImage()]);
}
