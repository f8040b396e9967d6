/** What a member says of itself. */
export interface MemberStatus {
  readonly memberId: string;
  /** The member that leads etcd; "0" while none does. */
  readonly leader: string;
  readonly revision: number;
  /** Octets of its database file, and those of them that hold something. */
  readonly size: number;
  readonly used: number;
  /** Alarms that are on, among others. */
  readonly errors: readonly string[];
}

/** An administrator's calls to one member, by etcd's own JSON gateway: none of the store's code is in between. */
export class EtcdGateway {
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** @throws Error when the member doesn't answer well */
  async status(): Promise<MemberStatus> {
    const { header, leader, errors, dbSize, dbSizeInUse } = await this.#post('maintenance/status', {}, 2_000);
    return {
      memberId: header.member_id,
      leader: leader ?? '0',
      revision: Number(header.revision),
      size: Number(dbSize),
      used: Number(dbSizeInUse),
      errors: errors ?? [],
    };
  }

  /** Forgets all that was before a revision, also from its files. */
  async compact(revision: number): Promise<void> {
    await this.#post('kv/compaction', { revision: String(revision), physical: true });
  }

  /** Gives the room of what is gone back to the member's disk. */
  async defragment(): Promise<void> {
    await this.#post('maintenance/defragment', {});
  }

  /** Lets writes be again after a full quota, where there is room by now. */
  async disarm(): Promise<void> {
    const { alarms = [] } = await this.#post('maintenance/alarm', { action: 'GET' });
    for (const { memberID, alarm } of alarms) {
      await this.#post('maintenance/alarm', { action: 'DEACTIVATE', memberID, alarm });
    }
  }

  async put(key: string, value: string): Promise<void> {
    await this.#post('kv/put', { key: base64(key), value: base64(value) });
  }

  async delete(key: string): Promise<void> {
    await this.#post('kv/deleterange', { key: base64(key) });
  }

  // biome-ignore lint/suspicious/noExplicitAny: etcd's JSON, looked into field by field
  async #post(path: string, body: object, patience = 20_000): Promise<any> {
    const answer = await fetch(`${this.#url}/v3/${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(patience),
    });
    if (!answer.ok) {
      throw new Error(`etcd: ${path}: ${answer.status} ${await answer.text()}`);
    }
    return answer.json();
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
