/** What the agent answers, and an alias holds, as long as the server hasn't recorded an allocation. */
const unknown = 0;

/** A generation that the server knows; undefined for one that nobody knows. */
export function knownGeneration(generation: number | undefined): number | undefined {
  return generation === unknown ? undefined : generation;
}

/** Reports whether two are of different allocations, as far as they are known. */
export function areDifferent(one: number | undefined, other: number | undefined): boolean {
  const [known, alsoKnown] = [knownGeneration(one), knownGeneration(other)];
  return known !== undefined && alsoKnown !== undefined && known !== alsoKnown;
}
