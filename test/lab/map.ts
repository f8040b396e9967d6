import type { MapCell } from '../../schema/address.ts';
import type { Style, Terminal } from './terminal.ts';

const marks: Record<string, { mark: string; style: Style }> = {
  free: { mark: '·', style: 'dim' },
  warm: { mark: '□', style: 'green' },
  allocated: { mark: '■', style: 'green' },
  cooling: { mark: '◌', style: 'cyan' },
  reserved: { mark: '◆', style: 'bold' },
  quarantined: { mark: '▲', style: 'red' },
};

/** Draws a subnet's addresses, a cell an address, in runs of neighbours. */
export function drawMap(terminal: Terminal, map: readonly MapCell[]): void {
  const rows = new Map<string, string[]>();
  for (const { address, state } of map) {
    const row = address.slice(0, address.lastIndexOf('.'));
    const { mark, style } = marks[state] ?? { mark: '?', style: 'dim' };
    rows.set(row, [...(rows.get(row) ?? []), `${address.slice(row.length)} ${terminal.style(style, mark)}`]);
  }
  terminal.say();
  for (const [row, cells] of rows) {
    terminal.say(`  ${row.padEnd(8)} ${cells.join('  ')}`);
  }
  const legend = Object.entries(marks).map(
    ([state, { mark, style }]) => `${terminal.style(style, mark)} ${state}`,
  );
  terminal.say(`  ${legend.join('   ')}`);
}
