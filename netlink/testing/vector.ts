/**
 * Octets written as hexadecimal text with comments, for byte vectors in tests.
 *
 * @example vector(`08 00 04 00  # 8 octets of IFLA_MTU
 *                  78 05 00 00  # 1400`)
 */
export function vector(text: string): Uint8Array {
  const digits = text.replace(/#.*$/gm, '').replace(/\s+/g, '');
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
