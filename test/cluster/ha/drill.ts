import { join } from 'node:path';
import { blocks } from '../../docs/operations-page.ts';
import { repository } from '../../parts/folder.ts';
import { AdminShell, adminFolder } from '../install/admin-shell.ts';
import type { LiveCluster } from '../live-cluster.ts';
import type { LedgerEtcd } from './ledger-etcd.ts';
import { stepsOf } from './page.ts';

const program = join(repository, 'dist/ipam-server.js');

/** What docs/ipam/etcd.md has an admin do when all of etcd is lost: typed as it stands there. */
export class Drill {
  readonly #cluster: LiveCluster;
  readonly #etcd: LedgerEtcd;
  readonly #shell: AdminShell;
  #isWithoutLedger = false;
  #isUnsettled = false;

  constructor(cluster: LiveCluster, etcd: LedgerEtcd) {
    this.#cluster = cluster;
    this.#etcd = etcd;
    this.#shell = new AdminShell(cluster.way, 'docs/ipam/etcd.md');
  }

  /** What is done each day, beforehand. */
  async backUp(): Promise<void> {
    const shell = new AdminShell(this.#cluster.way, 'docs/operations.md');
    const line = { seat: 'admin', section: '', line: 0 } as const;
    await shell.type({
      ...line,
      script: `realip-ipam-server() { '${process.execPath}' '${program}' "$@"; }`,
    });
    // What both pages suppose.
    await shell.type({ ...line, script: blocks.find(({ kind }) => kind === 'sh')?.text ?? '' });
    await this.#type('backup');
  }

  /** All members are gone, with what they had. */
  async loseAll(): Promise<void> {
    this.#isWithoutLedger = true;
    await this.#etcd.lose();
  }

  /** All that is to be done then. @returns what was told of the epoch in the end */
  async recover(): Promise<{ epoch: number; waitingFor: readonly string[] }> {
    await this.#type('--replicas=0');
    await this.#etcd.startEmpty();
    await this.#type('restore');
    this.#isUnsettled = true;
    this.#isWithoutLedger = false;
    await this.#type('apply -k');
    return await this.#settle();
  }

  /** Whether the ledger is nowhere but in the backup, since something failed half way. */
  get isWithoutLedger(): boolean {
    return this.#isWithoutLedger;
  }

  /** Puts the backup to where the ledger was before it came to etcd, without etcd. No server runs then. */
  async restoreFile(): Promise<void> {
    await this.#type('--replicas=0');
    const backup = join(adminFolder(this.#cluster.folder), 'ledger.db');
    const to = 'sqlite:/var/lib/realip-ipam-server/ipam.db';
    const command = [process.execPath, program, 'restore', '--from', backup, '--to', to, '--force'];
    const { status, stdout, stderr } = await this.#cluster.node('over-1').machine.enter(command);
    if (status !== 0) {
      throw new Error(`the backup does not come back: ${stdout}${stderr}`);
    }
    this.#isWithoutLedger = false;
    this.#isUnsettled = true;
  }

  /** Ends the wait of an epoch that something left half way. */
  async settleRest(): Promise<void> {
    if (this.#isUnsettled) {
      await this.#settle();
    }
  }

  async #settle(): Promise<{ epoch: number; waitingFor: readonly string[] }> {
    await this.#type('have_told');
    const said = await this.#type('epoch:waive');
    this.#isUnsettled = false;
    return JSON.parse(said);
  }

  #type(words: string): Promise<string> {
    return this.#shell.type(this.#step(words));
  }

  /** The step of the page that has these words. */
  #step(words: string) {
    const found = stepsOf('drill').filter(({ script }) => script.includes(words));
    const [step] = found;
    if (step === undefined || found.length > 1) {
      throw new Error(`docs/ipam/etcd.md has ${found.length} steps of the drill with ${words}`);
    }
    return step;
  }
}
