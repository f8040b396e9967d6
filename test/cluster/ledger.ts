import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { JsonApi } from '../kube/json-api.ts';

/** The IPAM server as its admin has it, with the token and the authority that the installation left. */
export class Ledger extends JsonApi {
  /** The admin's bearer token. */
  readonly token: string;

  /**
   * @param folder with `ca.crt` and `admin-token`
   * @param socketPath a socket file that leads to the server
   */
  constructor(url: string, folder: string, socketPath: string) {
    const token = readFileSync(join(folder, 'admin-token'), 'utf8').trim();
    super(url, { socketPath, ca: readFileSync(join(folder, 'ca.crt')) }, token);
    this.token = token;
  }
}
