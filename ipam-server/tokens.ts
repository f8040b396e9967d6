import { readFileSync } from 'node:fs';
import { Compile } from 'typebox/compile';
import { parse } from 'yaml';
import { Problem, reasonOf } from '../core/problem/problem.ts';
import { TokenFile } from '../schema/token.ts';

const validator = Compile(TokenFile);

/** Reads the file of --tokens; @throws Problem TOKEN_FILE_INVALID, never with a token in its text */
export function readTokens(file: string): TokenFile {
  const content = contentOf(file);
  const entries: unknown[] = isTokenList(content) ? content.tokens : [];
  for (const [index, entry] of entries.entries()) {
    checkEntry(file, index, entry);
  }
  if (!validator.Check(content)) {
    throw new Problem(
      'TOKEN_FILE_INVALID',
      `${file}: it is not a mapping with the one field "tokens", a list of at least one`,
    );
  }
  return content;
}

function contentOf(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8'), { prettyErrors: false });
  } catch (error) {
    throw new Problem('TOKEN_FILE_INVALID', `${file}: ${reasonOf(error)}`, {}, error);
  }
}

function isTokenList(content: unknown): content is { tokens: unknown[] } {
  return (
    typeof content === 'object' && content !== null && 'tokens' in content && Array.isArray(content.tokens)
  );
}

/** The whole file is checked by its schema; this finds the words for an entry that fails it. */
function checkEntry(file: string, index: number, entry: unknown): void {
  if (validator.Check({ tokens: [entry] })) {
    return;
  }
  const role = typeof entry === 'object' && entry !== null && 'role' in entry ? entry.role : undefined;
  const hasToken = { tokens: [{ token: 'x', role }] };
  const reason = validator.Check(hasToken)
    ? 'it needs either "token" (ASCII without blanks) or "tokenSha256" (64 hexadecimal digits), and "role"'
    : `the role ${JSON.stringify(role) ?? '(none)'} is none of admin, viewer, node:<name>`;
  throw new Problem('TOKEN_FILE_INVALID', `${file}: tokens[${index}]: ${reason}`);
}
