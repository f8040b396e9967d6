import type { Ink } from '../explain/print.ts';

/** Colours where standard output is a terminal that wants them (https://no-color.org), plain text elsewhere. */
export function inkFor(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv): Ink {
  const isColoured = stream.isTTY && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
  const in_ = (code: number) => (text: string) => (isColoured ? `\x1b[${code}m${text}\x1b[39m` : text);
  return { good: in_(32), bad: in_(31), aside: in_(90) };
}

/** Writes to standard output; a reader that goes away early (`| head`) is no error. */
export function writeOut(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EPIPE' ? resolve() : reject(error),
    );
    process.stdout.write(text, (error) => {
      if (!error) {
        resolve();
      }
    });
  });
}
