import { agnhostImage, corednsImage, pauseImage } from './image/part-images.ts';
import { realipImage } from './image/realip-images.ts';

/** What is on every node, since nothing can be pulled: the files of docker archives, the one that all need first. */
export function nodeImages(): string[] {
  const own = (['agent', 'ipam-server', 'webhook'] as const).map(realipImage);
  return [pauseImage(), ...own, corednsImage(), agnhostImage()];
}
