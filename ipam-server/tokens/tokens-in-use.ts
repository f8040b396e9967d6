import { readFileSync } from 'node:fs';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { type FilesLog, WatchedFiles } from '../../service/watched-files.ts';
import type { Authenticator, Caller } from '../http/caller.ts';
import { parseTokens } from './token-file.ts';
import { TokenTable } from './token-table.ts';

/** The tokens that count now: the last good ones that their file has held. */
export class TokensInUse implements Authenticator {
  readonly #watch: WatchedFiles;
  #table: TokenTable;

  /**
   * @param told each change: whether it is in use now
   * @throws Problem TOKEN_FILE_INVALID
   */
  constructor(file: string, log: FilesLog, told: (result: 'ok' | 'refused') => void) {
    const known = read(file);
    this.#table = tableOf(file, known);
    this.#watch = new WatchedFiles([file], [known], {
      changed: ([content]) => {
        try {
          this.#table = tableOf(file, content);
          told('ok');
          log.info('the tokens file is loaded again', { file, ...this.#table.sizes });
        } catch (error) {
          told('refused');
          log.error('the changed tokens file is invalid; the last good one stays in use', {
            reason: reasonOf(error),
          });
        }
      },
      unreadable: (reason) => {
        told('refused');
        log.error('the tokens file can’t be read; the last good one stays in use', { file, reason });
      },
    });
  }

  /** See `TokenTable`. */
  get sizes(): TokenTable['sizes'] {
    return this.#table.sizes;
  }

  callerOf(token: string): Caller | null {
    return this.#table.callerOf(token);
  }

  /** See `TokenTable`. */
  roleOfAccount(account: Parameters<TokenTable['roleOfAccount']>[0]): string | undefined {
    return this.#table.roleOfAccount(account);
  }

  /** Looks for changes from now on. */
  start(): void {
    this.#watch.start();
  }

  stop(): void {
    this.#watch.stop();
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Problem('TOKEN_FILE_INVALID', `${file}: ${reasonOf(error)}`, {}, error);
  }
}

function tableOf(file: string, content: Buffer | undefined): TokenTable {
  return new TokenTable(parseTokens(file, content?.toString('utf8') ?? ''));
}
