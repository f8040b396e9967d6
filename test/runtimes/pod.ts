import type { Cri } from './cri.ts';
import { busybox, image } from './image.ts';

let count = 0;

/** What a pod's manifest may ask of its network. */
export interface Wishes {
  readonly annotations?: Record<string, string>;
  readonly portMappings?: readonly { readonly container_port: number; readonly host_port: number }[];
}

/** A pod as kubelet makes one: a sandbox, and in it a container that waits. */
export class Pod {
  readonly id: string;
  /** Namespace, name and uid. */
  readonly identity: object;
  readonly #cri: Cri;
  readonly #config: object;
  #container: string | undefined;

  private constructor(cri: Cri, config: object, id: string, identity: object) {
    this.identity = identity;
    this.#cri = cri;
    this.#config = config;
    this.id = id;
  }

  /** The sandbox, with its network. @throws ServiceError */
  static async run(cri: Cri, cgroup: string, { annotations = {}, portMappings = [] }: Wishes): Promise<Pod> {
    const name = `pod-${++count}`;
    const identity = { namespace: 'default', name, uid: `uid-${name}` };
    const config = {
      metadata: { ...identity, attempt: 0 },
      hostname: name,
      annotations,
      port_mappings: portMappings,
      linux: { cgroup_parent: cgroup },
    };
    const { pod_sandbox_id } = await cri.runtime('RunPodSandbox', { config });
    return new Pod(cri, config, pod_sandbox_id, identity);
  }

  /** Its addresses in the eyes of the runtime, which are kubelet's. */
  async ips(): Promise<string[]> {
    const { status } = await this.#cri.runtime('PodSandboxStatus', { pod_sandbox_id: this.id });
    const further = status.network.additional_ips.map(({ ip }: { ip: string }) => ip);
    return [status.network.ip, ...further];
  }

  /** The first of them. */
  async ip(): Promise<string> {
    return (await this.ips())[0] ?? '';
  }

  /** Starts the container, which runs until the pod is stopped. */
  async startContainer(): Promise<void> {
    const { container_id } = await this.#cri.runtime('CreateContainer', {
      pod_sandbox_id: this.id,
      config: { metadata: { name: 'main', attempt: 0 }, image: { image }, linux: {} },
      sandbox_config: this.#config,
    });
    await this.#cri.runtime('StartContainer', { container_id });
    this.#container = container_id;
  }

  /** Runs an applet of busybox in the container; its output, with `status N` below it unless that is 0. */
  async exec(...words: string[]): Promise<string> {
    const answer = await this.#cri.runtime('ExecSync', {
      container_id: this.#container,
      cmd: [busybox, ...words],
      timeout: 10,
    });
    const text = `${answer.stdout}${answer.stderr}`;
    return answer.exit_code === 0 ? text : `${text}\nstatus ${answer.exit_code}`;
  }

  stop(): Promise<unknown> {
    return this.#cri.runtime('StopPodSandbox', { pod_sandbox_id: this.id });
  }

  /** Stops and removes it, container included, as kubelet does. */
  async remove(): Promise<void> {
    await this.stop();
    await this.#cri.runtime('RemovePodSandbox', { pod_sandbox_id: this.id });
  }
}
