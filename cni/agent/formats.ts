import Format from 'typebox/format';
import { formats, matches } from '../../schema/format.ts';

/** Makes typebox's validators know the formats of schema/format.ts; called once, before the first check. */
export function registerFormats(): void {
  for (const name of Object.keys(formats) as (keyof typeof formats)[]) {
    Format.Set(name, (text) => matches(name, text));
  }
}
