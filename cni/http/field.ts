import { AnswerFault } from './answer-fault.ts';

const tokenSigns = "!#$%&'*+-.^_`|~";
const hexadecimal = '0123456789abcdef';

/** `name: value` (RFC 9112 §5), the name in lower case. @throws AnswerFault */
export function readField(line: string): [name: string, value: string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon)).toLowerCase();
  if (name === '' || !consistsOf(name, isOfToken)) {
    throw new AnswerFault('has a line in its head that is no field');
  }
  refuseControls(line);
  return [name, trimmed(line.slice(colon + 1))];
}

/** The size before a chunk (RFC 9112 §7.1); what follows a semicolon is for others. @throws AnswerFault */
export function readChunkSize(line: string): number {
  refuseControls(line);
  const semicolon = line.indexOf(';');
  const text = trimmed(semicolon < 0 ? line : line.slice(0, semicolon)).toLowerCase();
  if (text === '' || text.length > 8 || !consistsOf(text, (sign) => hexadecimal.includes(sign))) {
    throw new AnswerFault(`has a chunk of the size "${text}"`);
  }
  return Number.parseInt(text, 16);
}

/** A count of octets in decimals. @throws AnswerFault */
export function readLength(text: string): number {
  if (text === '' || text.length > 15 || !isDigits(text)) {
    throw new AnswerFault(`has the length "${text}"`);
  }
  return Number(text);
}

export function isDigits(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) {
      return false;
    }
  }
  return true;
}

/** The tabulator alone is allowed. @throws AnswerFault */
export function refuseControls(line: string): void {
  for (let at = 0; at < line.length; at++) {
    const code = line.charCodeAt(at);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f) {
      throw new AnswerFault('has a control character in its head');
    }
  }
}

/** Without blanks and tabulators around; String's own trim takes more than HTTP does. */
export function trimmed(text: string): string {
  const isBlank = (sign: string | undefined) => sign === ' ' || sign === '\t';
  let [from, to] = [0, text.length];
  while (from < to && isBlank(text[from])) {
    from += 1;
  }
  while (to > from && isBlank(text[to - 1])) {
    to -= 1;
  }
  return text.slice(from, to);
}

function isOfToken(sign: string): boolean {
  return (sign >= 'a' && sign <= 'z') || (sign >= '0' && sign <= '9') || tokenSigns.includes(sign);
}

function consistsOf(text: string, isAllowed: (sign: string) => boolean): boolean {
  for (const sign of text) {
    if (!isAllowed(sign)) {
      return false;
    }
  }
  return true;
}
