import { read } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { promisify } from 'node:util';

const readAt = promisify(read);
const pieceSize = 1024 * 1024;

/**
 * Copies the first octets of an open file into a new one, to the disk itself. Nothing is left of a copy that
 * fails.
 *
 * @param goOn asked before each piece; throws to give up
 */
export async function copyFile(
  descriptor: number,
  length: number,
  to: string,
  goOn: () => void,
): Promise<void> {
  const target = await open(to, 'wx', 0o600);
  try {
    const piece = Buffer.allocUnsafe(pieceSize);
    for (let at = 0; at < length; ) {
      goOn();
      const { bytesRead } = await readAt(descriptor, piece, 0, Math.min(pieceSize, length - at), at);
      if (bytesRead === 0) {
        throw new Error(`the file ended at ${at} of ${length} octets`);
      }
      await target.writeFile(piece.subarray(0, bytesRead));
      at += bytesRead;
    }
    await target.sync();
  } catch (error) {
    await rm(to, { force: true });
    throw error;
  } finally {
    await target.close();
  }
}
