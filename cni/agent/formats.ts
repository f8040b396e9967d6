import Format from 'typebox/format';
import { formats, matches } from '../../schema/format.ts';

/**
 * Makes typebox know the formats of schema/format.ts. To be called before a schema is compiled: one that isn't known by
 * then is no check at all.
 */
export function registerFormats(): void {
  for (const name of Object.keys(formats) as (keyof typeof formats)[]) {
    Format.Set(name, (text) => matches(name, text));
  }
}
