import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

/** More than any answer that is meant; the rest is not read. */
const mostBytes = 64 * 1024;

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Connections to one set of servers that are trusted by one set of authorities. */
export class Connections {
  readonly #http = new HttpAgent({ keepAlive: true });
  readonly #https: HttpsAgent;

  /** @param ca PEM; without it the system's */
  constructor(ca: string | null) {
    this.#https = new HttpsAgent({ keepAlive: true, ...(ca === null ? {} : { ca }) });
  }

  /** GET, answered whole within `limitMs`; @throws Error otherwise */
  get(url: string, token: string | null, limitMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const isPlain = url.startsWith('http:');
      const options: RequestOptions = {
        agent: isPlain ? this.#http : this.#https,
        headers: {
          accept: 'application/json',
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
      };
      const call = (isPlain ? httpRequest : httpsRequest)(url, options, (message) => {
        let body = '';
        message.setEncoding('utf8');
        message.on('data', (part: string) => {
          body += part;
          if (body.length > mostBytes) {
            call.destroy(new Error('the answer is too long'));
          }
        });
        message.on('end', () => {
          clearTimeout(limit);
          resolve({ status: message.statusCode ?? 0, body });
        });
        message.on('error', reject);
      });
      const limit = setTimeout(() => call.destroy(new Error(`no answer within ${limitMs} ms`)), limitMs);
      call.on('error', (error) => {
        clearTimeout(limit);
        reject(error);
      });
      call.end();
    });
  }

  close(): void {
    this.#http.destroy();
    this.#https.destroy();
  }
}
