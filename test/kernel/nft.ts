import type { Host } from './host.ts';

/** A chain of nftables: where it looks, and its rules. */
export interface Chain {
  /** Such as `filter hook forward priority filter`. */
  readonly type: string;
  readonly rules: readonly string[];
}

/**
 * What `look` returns while a host has a table of its own with these chains; all else passes.
 *
 * @param family of the table: `inet`, `bridge`, `netdev`, …
 * @throws Error with what `nft` said of them
 */
export function filtered<T>(host: Host, family: string, chains: readonly Chain[], look: () => T): T {
  const bodies = chains.map(
    ({ type, rules }, index) => `chain c${index} {\ntype ${type};\n${rules.join('\n')}\n}`,
  );
  return withTable(host, `table ${family} realip-test {\n${bodies.join('\n')}\n}\n`, look);
}

/** The same with a table as text. */
export function withTable<T>(host: Host, table: string, look: () => T): T {
  const { status, stderr } = host.run('nft', ['-f', '-'], table);
  if (status !== 0) {
    throw new Error(stderr);
  }
  try {
    return look();
  } finally {
    const [, family = '', name = ''] = table.split(' ');
    host.run('nft', ['delete', 'table', family, name]);
  }
}
