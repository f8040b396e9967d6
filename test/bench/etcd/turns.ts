/** All of them, another one first in each round, so that none has always the same before it. */
export function inTurn<Side>(sides: readonly Side[], round: number): readonly Side[] {
  const first = round % sides.length;
  return [...sides.slice(first), ...sides.slice(0, first)];
}
