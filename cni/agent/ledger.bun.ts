import type { Logger } from 'winston';
import { sendByFetch } from '../http/fetch.bun.ts';
import { CredentialFiles } from './server/credential-files.ts';
import { Upstream } from './server/upstream.ts';
import type { Settings } from './settings.ts';

/** The way to the servers that the settings name. */
export function openUpstream(
  { servers, tokenFile, caFile }: Settings,
  log: Logger,
  onChange: (isUp: boolean) => void,
): Upstream {
  const complained = new Set<string>();
  const credentials = new CredentialFiles(
    {
      ...(tokenFile === undefined ? {} : { token: tokenFile }),
      ...(caFile === undefined ? {} : { ca: caFile }),
    },
    (reason) => {
      if (!complained.has(reason)) {
        complained.add(reason);
        log.warn('a file of credentials can’t be read; its last contents stay in use', { reason });
      }
    },
  );
  return new Upstream({
    urls: servers,
    credentials: () => credentials.read(),
    send: sendByFetch,
    sleep,
    random: Math.random,
    onChange: (isUp, why) => {
      if (isUp) {
        log.info('the IPAM server answers again', { server: why });
      } else {
        log.warn('no IPAM server answers; pods get addresses from the reserve', { why });
      }
      onChange(isUp);
    },
  });
}

function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    if (signal.aborted) {
      stop();
    } else {
      signal.addEventListener('abort', stop, { once: true });
    }
  });
}
