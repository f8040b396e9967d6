import type { Container, Node, PodSpec } from './objects.ts';

/** So much of an extended resource the pod asks for: what runs together adds up, an init container runs alone. */
export function requested({ containers, initContainers }: PodSpec, resource: string): number {
  let sidecars = 0;
  let initially = 0;
  for (const container of initContainers ?? []) {
    const own = ofContainer(container, resource);
    if (container.restartPolicy === 'Always') {
      sidecars += own;
      initially = Math.max(initially, sidecars);
    } else {
      initially = Math.max(initially, sidecars + own);
    }
  }
  const together = (containers ?? []).reduce((sum, each) => sum + ofContainer(each, resource), sidecars);
  return Math.max(together, initially);
}

export function hasRoom(spec: PodSpec, { free }: Node, resource: string): boolean {
  return requested(spec, resource) <= (free[resource] ?? 0);
}

/** A limit without a request is a request, too. */
function ofContainer({ resources }: Container, resource: string): number {
  return Number(resources?.requests?.[resource] ?? resources?.limits?.[resource] ?? 0);
}
