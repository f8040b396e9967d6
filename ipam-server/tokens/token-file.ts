import { Compile } from 'typebox/compile';
import { parse } from 'yaml';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import { TokenFile } from '../../schema/token.ts';

const validator = Compile(TokenFile);

/** How the entries of each list are told to be wrong: a good rest of an entry, and what such an entry needs. */
const lists = {
  tokens: {
    rest: { token: 'x' },
    roles: 'admin, viewer, node:<name>',
    needs:
      'it needs either "token" (ASCII without blanks) or "tokenSha256" (64 hexadecimal digits), and "role"',
  },
  serviceAccounts: {
    rest: { namespace: 'x', name: 'x' },
    roles: 'admin, viewer, node:<name>, node:*',
    needs: 'it needs "namespace" and "name" of a service account, and "role"',
  },
} as const;

/**
 * The content of the file of --tokens.
 *
 * @throws Problem TOKEN_FILE_INVALID, which names the file and the entry, never a token
 */
export function parseTokens(file: string, text: string): TokenFile {
  const content = contentOf(file, text);
  const entries = checkEntries(file, content, 'tokens') + checkEntries(file, content, 'serviceAccounts');
  if (!validator.Check(content)) {
    throw new Problem(
      'TOKEN_FILE_INVALID',
      `${file}: it is not a mapping of the lists "tokens" and "serviceAccounts" alone`,
    );
  }
  if (entries === 0) {
    throw new Problem(
      'TOKEN_FILE_INVALID',
      `${file}: "tokens" or "serviceAccounts" needs at least one entry`,
    );
  }
  return content;
}

function contentOf(file: string, text: string): unknown {
  try {
    // A pretty error would quote the line, and a token with it.
    return parse(text, { prettyErrors: false });
  } catch (error) {
    throw new Problem('TOKEN_FILE_INVALID', `${file}: ${reasonOf(error)}`, {}, error);
  }
}

/** The whole file is checked by its schema; this finds the words for an entry that fails it. @returns how many there are */
function checkEntries(file: string, content: unknown, list: keyof typeof lists): number {
  const entries = isMapping(content) ? content[list] : undefined;
  if (!Array.isArray(entries)) {
    return 0;
  }
  const { rest, roles, needs } = lists[list];
  for (const [index, entry] of entries.entries()) {
    if (validator.Check({ [list]: [entry] })) {
      continue;
    }
    const role: unknown = isMapping(entry) ? entry['role'] : undefined;
    const reason = validator.Check({ [list]: [{ ...rest, role }] })
      ? needs
      : `the role ${JSON.stringify(role) ?? '(none)'} is none of ${roles}`;
    throw new Problem('TOKEN_FILE_INVALID', `${file}: ${list}[${index}]: ${reason}`);
  }
  return entries.length;
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
