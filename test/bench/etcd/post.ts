import { type Agent, request } from 'node:http';

/** Posts JSON, with less work than `fetch` has; @throws Error unless it is answered by 2xx */
export function post(agent: Agent, url: string, body: object): Promise<void> {
  const text = JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
    const call = request(url, { method: 'POST', agent, headers }, (answer) => {
      const { statusCode = 0 } = answer;
      answer.resume();
      answer.on('error', reject);
      answer.on('end', () =>
        statusCode < 300 ? resolve() : reject(new Error(`${url} answered ${statusCode}`)),
      );
    });
    call.on('error', reject);
    call.end(text);
  });
}
