import type { CniVersion } from '../../core/cni/version.ts';
import { reasonOf } from '../../core/problem/problem.ts';
import type { Environment } from '../plugin/environment.ts';
import type { Allocation, Attachment, Ipam, Wish } from '../plugin/ipam/ipam.ts';
import { speaksByInterface } from '../plugin/ipam-config.ts';
import { type Additions, allocationOf } from './allocation.ts';
import { readIpamAnswer, refuseFailure } from './answer.ts';
import type { Outcome, Run } from './program.ts';
import type { Entry, Register, Registered } from './register.ts';

/** What a plugin is run with. */
export interface DelegateSetting {
  /** Its name: `ipam.type`. */
  readonly plugin: string;
  readonly version: CniVersion;
  /** The variables of the call at hand. */
  readonly env: Environment;
  /** The network configuration word for word. */
  readonly input: string;
  readonly additions: Additions;
}

export interface DelegateDoors {
  /** The path of a plugin's program; @throws Problem IPAM_PLUGIN_MISSING */
  readonly find: (plugin: string, cniPath: string) => string;
  readonly run: Run;
  readonly register: Register;
  readonly warn: (message: string) => void;
}

/** Addresses of another IPAM plugin, executed as the specification says (section 4, "Plugin Delegation"). */
export class Delegate implements Ipam {
  readonly #setting: DelegateSetting;
  readonly #doors: DelegateDoors;

  constructor(setting: DelegateSetting, doors: DelegateDoors) {
    this.#setting = setting;
    this.#doors = doors;
  }

  get needsInterface(): 'at first' | 'to the end' {
    return speaksByInterface(this.#setting.plugin) ? 'to the end' : 'at first';
  }

  async allocate(attachment: Attachment, wish: Wish): Promise<{ allocation: Allocation; created: boolean }> {
    const { plugin, version, additions } = this.#setting;
    const path = this.#find();
    const entry = this.#doors.register.open(attachment);
    try {
      const outcome = this.#run(path, 'ADD', attachment, entry);
      const allocation = allocationOf(plugin, readIpamAnswer(plugin, outcome, version), wish, additions);
      entry.write(allocation.ips);
      return { allocation, created: true };
    } catch (error) {
      this.#takeBack(path, attachment, entry);
      throw error;
    } finally {
      entry.close();
    }
  }

  async release(attachment: Attachment): Promise<void> {
    const path = this.#find();
    const entry = this.#doors.register.openIfThere(attachment);
    try {
      refuseFailure(this.#setting.plugin, this.#run(path, 'DEL', attachment, entry));
      entry?.remove();
    } finally {
      entry?.close();
    }
  }

  /** Nobody keeps a record of quarantined addresses for another plugin: the ADD fails, and says who has it. */
  async reportConflict(): Promise<boolean> {
    return false;
  }

  async find(attachment: Attachment): Promise<(Registered & { generation: number }) | undefined> {
    const entry = this.#doors.register.find(attachment);
    return entry && { ...entry, generation: 0 };
  }

  async check(attachment: Attachment): Promise<void> {
    refuseFailure(this.#setting.plugin, this.#run(this.#find(), 'CHECK', attachment));
  }

  async list(): Promise<(Registered & { generation: number })[]> {
    return this.#doors.register.list().map((entry) => ({ ...entry, generation: 0 }));
  }

  async collect(): Promise<void> {
    refuseFailure(this.#setting.plugin, this.#run(this.#find(), 'GC'));
  }

  async ready(): Promise<void> {
    refuseFailure(this.#setting.plugin, this.#run(this.#find(), 'STATUS'));
  }

  #find(): string {
    const { plugin, env } = this.#setting;
    return this.#doors.find(plugin, env['CNI_PATH'] ?? '');
  }

  /** "If a plugin executed by another fails at ADD, it is executed again with DEL": it may have got half-way. */
  #takeBack(path: string, attachment: Attachment, entry: Entry): void {
    const { plugin } = this.#setting;
    try {
      refuseFailure(plugin, this.#run(path, 'DEL', attachment, entry));
      entry.remove();
    } catch (error) {
      this.#doors.warn(`DEL of the IPAM plugin "${plugin}" after its ADD failed: ${reasonOf(error)}`);
    }
  }

  #run(path: string, command: string, attachment?: Attachment, entry?: Entry): Outcome {
    const { env, input } = this.#setting;
    const variables = { ...env, CNI_COMMAND: command, ...(attachment && this.#naming(attachment)) };
    return this.#doors.run({ path, env: variables, input, held: entry?.descriptor });
  }

  /** GC releases other attachments than the one of the call, and knows neither their namespaces nor their arguments. */
  #naming(attachment: Attachment): Environment {
    const { env } = this.#setting;
    const { containerId: CNI_CONTAINERID, ifname: CNI_IFNAME } = attachment;
    const isOwn = env['CNI_CONTAINERID'] === CNI_CONTAINERID && env['CNI_IFNAME'] === CNI_IFNAME;
    return isOwn ? {} : { CNI_CONTAINERID, CNI_IFNAME, CNI_NETNS: '', CNI_ARGS: '' };
  }
}
