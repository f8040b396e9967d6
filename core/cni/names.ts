// CNI specification, "Parameters" and "Network configuration": one pattern for CNI_CONTAINERID and `name`.
// Letters, digits, `_`, `.` and `-`, the first a letter or digit. Read without regular expressions: the first one
// costs the plugin as much as ten requests to the kernel.
const signs = '_.-';

export function isContainerId(text: string): boolean {
  return isName(text);
}

export function isNetworkName(text: string): boolean {
  return isName(text);
}

function isName(text: string): boolean {
  for (const sign of text) {
    if (!isLetterOrDigit(sign) && !signs.includes(sign)) {
      return false;
    }
  }
  return text !== '' && isLetterOrDigit(text.charAt(0));
}

function isLetterOrDigit(sign: string): boolean {
  return (sign >= 'a' && sign <= 'z') || (sign >= 'A' && sign <= 'Z') || (sign >= '0' && sign <= '9');
}

/** IFNAMSIZ of the kernel is 16, the closing zero included. */
const maxIfname = 15;

/**
 * Why a text can't be an interface's name, in words that follow it, or undefined when it can
 * (net/core/dev.c `dev_valid_name`).
 */
export function faultOfIfname(text: string): string | undefined {
  if (text === '') {
    return 'is empty';
  }
  // Names are ASCII in practice; a code point above needs two to four bytes in UTF-8.
  let bytes = 0;
  for (const sign of text) {
    bytes += bytesOf(sign.codePointAt(0) ?? 0);
  }
  if (bytes > maxIfname) {
    return `is longer than ${maxIfname} bytes`;
  }
  if (text === '.' || text === '..') {
    return 'is a folder';
  }
  // `eth%d` is a pattern to the kernel (`dev_alloc_name`), which answers with an interface of some other name.
  if (text.includes('%')) {
    return 'holds "%"';
  }
  for (const sign of text) {
    if ('/:\0'.includes(sign) || sign.trim() === '') {
      return 'holds "/", ":" or white space';
    }
  }
  return undefined;
}

function bytesOf(codePoint: number): number {
  return codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
}
