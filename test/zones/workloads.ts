/** Objects as users write them: what each test says, and as little else as the API server takes. */
interface Wish {
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly spec?: object;
  readonly replicas?: number;
}

const containers = [{ name: 'c', image: 'none' }];

export function podOf(name: string, { namespace = 'shop', labels, annotations, spec }: Wish = {}): object {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, labels, annotations },
    spec: { containers, ...spec },
  };
}

/** A pod template that owner labels choose. */
function templateOf(name: string, { labels, annotations, spec }: Wish) {
  return { metadata: { labels: { app: name, ...labels }, annotations }, spec: { containers, ...spec } };
}

const selected = (name: string) => ({ matchLabels: { app: name } });

export function deploymentOf(name: string, wish: Wish = {}): object {
  const { namespace = 'shop', replicas = 2 } = wish;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { replicas, selector: selected(name), template: templateOf(name, wish) },
  };
}

export function statefulSetOf(name: string, wish: Wish = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace: wish.namespace ?? 'shop' },
    spec: {
      serviceName: name,
      replicas: wish.replicas ?? 2,
      // Without a kubelet none gets ready, and the next one would wait for that.
      podManagementPolicy: 'Parallel',
      selector: selected(name),
      template: templateOf(name, wish),
    },
  };
}

export function daemonSetOf(name: string, wish: Wish = {}): object {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace: wish.namespace ?? 'shop' },
    spec: { selector: selected(name), template: templateOf(name, wish) },
  };
}

function jobSpecOf(name: string, wish: Wish) {
  const { replicas = 2 } = wish;
  const template = templateOf(name, { ...wish, spec: { restartPolicy: 'Never', ...wish.spec } });
  return { parallelism: replicas, completions: replicas, template };
}

export function jobOf(name: string, wish: Wish = {}): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace: wish.namespace ?? 'shop' },
    spec: jobSpecOf(name, wish),
  };
}

export function cronJobOf(name: string, wish: Wish = {}): object {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace: wish.namespace ?? 'shop' },
    spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: jobSpecOf(name, wish) } },
  };
}
