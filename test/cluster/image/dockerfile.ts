/** An instruction of a Dockerfile: `COPY --from=build /out/ /app/`. */
export interface Instruction {
  readonly keyword: string;
  readonly flags: Readonly<Record<string, string>>;
  /** The words after the flags; of the form in brackets its strings. */
  readonly words: readonly string[];
  readonly isArray: boolean;
}

/** What stands between one FROM and the next. */
export interface Stage {
  readonly base: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/**
 * Reads a Dockerfile without variables, quoted words outside of LABEL, here-documents and escapes other than a
 * backslash at a line's end.
 *
 * @throws Error at what stands before the first FROM
 */
export function parseDockerfile(text: string): Stage[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: { base: string; name: string | undefined; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const instruction = parseInstruction(line);
    const { keyword, words } = instruction;
    if (keyword === 'FROM') {
      const [base = '', , name] = words;
      stages.push({ base, name, instructions: [] });
    } else {
      const stage = stages.at(-1);
      if (stage === undefined) {
        throw new Error(`before the first FROM: ${line}`);
      }
      stage.instructions.push(instruction);
    }
  }
  return stages;
}

function parseInstruction(line: string): Instruction {
  const [, keyword = '', flags = '', rest = ''] = /^\s*(\w+)((?:\s+--\S+)*)\s*(.*)$/.exec(line) ?? [];
  const pairs = [...flags.matchAll(/--([\w-]+)(?:=(\S+))?/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ]);
  const isArray = rest.startsWith('[');
  const words = isArray
    ? (JSON.parse(rest) as string[])
    : [...rest.matchAll(/(?:[^\s"]|"[^"]*")+/g)].map(([word]) => word.replaceAll('"', ''));
  return { keyword: keyword.toUpperCase(), flags: Object.fromEntries(pairs), words, isArray };
}
