import { cpus, release, totalmem } from 'node:os';
import { type Comparison, isTime, median, quantile, ratioOf, reaches } from './statistics.ts';

/** A figure that stands by itself, without a peer in the same run. */
export interface Figure {
  readonly name: string;
  readonly conditions: string;
  readonly value: string;
}

export interface Report {
  readonly comparisons: readonly Comparison[];
  readonly figures: readonly Figure[];
}

function shown(value: number, unit: Comparison['unit']): string {
  return unit === 'per second' ? `${Math.round(value)}/s` : `${value.toFixed(2)} ${unit}`;
}

function aim(comparison: Comparison): string {
  const { target, unit } = comparison;
  if (target === undefined) {
    return '';
  }
  return `${isTime(unit) ? '≤' : '≥'} ${target} ${reaches(comparison) ? '✔' : '✘'}`;
}

/** The report as Markdown: the machine, then a row per comparison with medians, p99 and the paired ratio. */
export function markdown({ comparisons, figures }: Report, when: Date): string {
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}, Node ${process.version}`;
  const rows = comparisons.map((each) => {
    const { name, conditions, unit, peer, ours, theirs } = each;
    const cell = (values: readonly number[]) =>
      `${shown(median(values), unit)} (${shown(quantile(values, 0.99), unit)})`;
    return `| ${name} | ${conditions} | ${cell(ours)} | ${peer} | ${cell(theirs)} | ${ratioOf(each).toFixed(2)} | ${aim(each)} | ${ours.length} |`;
  });
  const extra = figures.map(({ name, conditions, value }) => `| ${name} | ${conditions} | ${value} |`);
  return `Measured on ${when.toISOString().slice(0, 10)}: ${machine}.

| What | Conditions | realip: median (p99) | Peer | Peer: median (p99) | Ratio | Aim | Pairs |
|---|---|---|---|---|---|---|---|
${rows.join('\n')}

| What | Conditions | Figure |
|---|---|---|
${extra.join('\n')}
`;
}
