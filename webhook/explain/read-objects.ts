import { LineCounter, parseAllDocuments } from 'yaml';
import { Problem, reasonOf } from '../../core/problem/problem.ts';
import type { Source } from './subjects.ts';

/**
 * The documents of a text, YAML or JSON; empty ones are left out.
 *
 * @param name of the file, for messages
 * @throws Problem OBJECT_UNEXPLAINABLE with `file:line: reason`
 */
export function readObjects(text: string, name: string): Source[] {
  const lineCounter = new LineCounter();
  try {
    // `<<` is understood by kubectl, too.
    const documents = parseAllDocuments(text, { lineCounter, prettyErrors: false, merge: true });
    return [...documents].flatMap((document) => {
      const [error] = document.errors;
      if (error !== undefined) {
        throw new Problem('OBJECT_UNEXPLAINABLE', `${at(error.pos[0])}: ${error.message}`);
      }
      const value: unknown = document.toJS();
      const where = at(document.contents?.range?.[0] ?? document.range[0]);
      return value === null || value === undefined ? [] : [{ value, where }];
    });
  } catch (error) {
    // yaml throws for aliases that multiply and for thousands of nested brackets.
    throw error instanceof Problem
      ? error
      : new Problem('OBJECT_UNEXPLAINABLE', `${name}:1: not readable as YAML: ${reasonOf(error)}`);
  }

  function at(offset: number): string {
    return `${name}:${lineCounter.linePos(offset).line}`;
  }
}
