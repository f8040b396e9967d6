import { describe, expect, test } from 'bun:test';
import { execFileSync } from 'node:child_process';
import { Ip } from '../core/address/ip.ts';
import type { NatTable } from './message/nft-table.ts';
import { Netfilter } from './netfilter.bun.ts';
import { within } from './netns.bun.ts';
import { reasonToSkip, ScratchNetns } from './testing/scratch-netns.bun.ts';

const reason = reasonToSkip();

const table: NatTable = {
  name: 'mine',
  chain: 'out',
  priority: 99,
  rules: [
    {
      comment: 'back by müller',
      statements: [
        { match: 'family', is: 'ipv4' },
        { match: 'iifname', startsWith: 'in' },
        { match: 'oifname', startsWith: 'a-long-prefix' },
        { match: 'dnat' },
        { act: 'snat', to: Ip.parse('169.254.1.1') },
      ],
    },
    {
      comment: 'six',
      statements: [
        { match: 'family', is: 'ipv6' },
        { act: 'snat', to: Ip.parse('fd00::1') },
      ],
    },
    { comment: 'rest', statements: [{ match: 'dnat' }, { act: 'masquerade' }] },
  ],
};

/** What `nft` shows, as it would be typed in again. */
function listed({ name }: ScratchNetns): string {
  return execFileSync('ip', ['netns', 'exec', name, 'nft', 'list', 'ruleset'], { encoding: 'utf8' });
}

function opened(scratch: ScratchNetns): Netfilter {
  return within(scratch.netns, () => Netfilter.open());
}

describe.skipIf(reason !== undefined)(`nftables in the kernel${reason ? ` (${reason})` : ''}`, () => {
  test('a table is what nft reads back, and nothing else is touched', () => {
    using scratch = new ScratchNetns();
    const others =
      'add table ip nat; add chain ip nat POSTROUTING { type nat hook postrouting priority 100; }';
    execFileSync('ip', ['netns', 'exec', scratch.name, 'nft', others]);
    const before = listed(scratch);
    const netfilter = opened(scratch);
    netfilter.replace(table);
    expect(listed(scratch)).toBe(`${before}table inet mine {
	chain out {
		type nat hook postrouting priority srcnat - 1; policy accept;
		meta nfproto ipv4 iifname "in*" oifname "a-long-prefix*" ct status dnat snat ip to 169.254.1.1 comment "back by müller"
		meta nfproto ipv6 snat ip6 to fd00::1 comment "six"
		ct status dnat masquerade comment "rest"
	}
}
`);
    netfilter.close();
  });

  test('a table that is only checked is not made', () => {
    using scratch = new ScratchNetns();
    const netfilter = opened(scratch);
    netfilter.check(table);
    expect(() => netfilter.check({ ...table, priority: -300 })).toThrow('EOPNOTSUPP (95)');
    expect(netfilter.comments(table)).toEqual([]);
    expect(listed(scratch)).toBe('');
    netfilter.close();
  });

  test('a table takes the place of the one of its name', () => {
    using scratch = new ScratchNetns();
    const netfilter = opened(scratch);
    expect(netfilter.comments(table)).toEqual([]);
    netfilter.replace({ ...table, rules: table.rules.slice(1) });
    netfilter.replace(table);
    expect(netfilter.comments(table)).toEqual(['back by müller', 'six', 'rest']);
    netfilter.close();
  });

  test('a batch that is refused changes nothing, says why, and keeps no later answer from being read', () => {
    using scratch = new ScratchNetns();
    const netfilter = opened(scratch);
    netfilter.replace(table);
    const before = listed(scratch);
    // Connections are tracked at -200: no translation before.
    expect(() => netfilter.replace({ ...table, rules: [], priority: -300 })).toThrow(
      'could not make the table mine: EOPNOTSUPP (95)',
    );
    expect(listed(scratch)).toBe(before);
    expect(netfilter.comments(table)).toHaveLength(3);
    netfilter.close();
  });
});
