import type { Judgement, LanPlan } from '../../core/lan/lan-plan.ts';

const marks = { ok: '✔', warning: '!', error: '✘', unknown: ' ' } as const;

/** For people: a line a figure, its cure below it, and the advice at the end. */
export function lanPlanText({ judgements, frames, advice }: LanPlan): string {
  const rows = judgements.map(rowOf);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map(({ cells }) => cells[column]?.length ?? 0)));
  const lines = rows.flatMap(({ mark, cells, cure }) => [
    `${mark} ${cells.map((cell, column) => pad(cell, widths[column] ?? 0, column > 0)).join('  ')}`.trimEnd(),
    ...(cure === '' ? [] : [`  → ${cure}`]),
  ]);
  const { probes, announcements, rechecks } = frames;
  return [
    ...lines,
    `  of the frames a second: probes ${tenth(probes)}, announcements ${tenth(announcements)}, re-checks ${tenth(rechecks)}`,
    `${advice.dataplane}: ${advice.why}`,
  ].join('\n');
}

function rowOf({ what, value, limit, level, cure }: Judgement) {
  const cells = [what, String(value), limit === undefined ? '' : `of ${limit}`];
  return { mark: marks[level], cells, cure };
}

function pad(cell: string, width: number, isNumber: boolean): string {
  return isNumber ? cell.padStart(width) : cell.padEnd(width);
}

const tenth = (value: number) => String(Math.round(value * 10) / 10);
