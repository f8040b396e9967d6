import { isLoopback, parseListen, urlOf } from './listen.ts';

test.each([
  ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }, true, 'http://127.0.0.1:8080'],
  ['[::1]:0', { host: '::1', port: 0 }, true, 'http://[::1]:0'],
  ['localhost:80', { host: 'localhost', port: 80 }, true, 'http://localhost:80'],
  [':8443', { host: '::', port: 8443 }, false, 'http://[::]:8443'],
  ['0.0.0.0:8443', { host: '0.0.0.0', port: 8443 }, false, 'http://0.0.0.0:8443'],
  ['[::ffff:127.0.0.1]:80', { host: '::ffff:127.0.0.1', port: 80 }, true, 'http://[::ffff:127.0.0.1]:80'],
  ['[0:0:0:0:0:0:0:1]:80', { host: '0:0:0:0:0:0:0:1', port: 80 }, true, 'http://[0:0:0:0:0:0:0:1]:80'],
  ['[::ffff:10.9.0.1]:80', { host: '::ffff:10.9.0.1', port: 80 }, false, 'http://[::ffff:10.9.0.1]:80'],
  ['[::]:80', { host: '::', port: 80 }, false, 'http://[::]:80'],
  ['127.999.0.1:80', { host: '127.999.0.1', port: 80 }, false, 'http://127.999.0.1:80'],
  ['127.evil.example:80', { host: '127.evil.example', port: 80 }, false, 'http://127.evil.example:80'],
])('%s is a place to listen', (text, address, loopback, url) => {
  expect(parseListen(text)).toEqual(address);
  expect(isLoopback(address)).toBe(loopback);
  expect(urlOf('http', address)).toBe(url);
});

test.each(['', '8080', '127.0.0.1', '127.0.0.1:65536', '::1:80', '127.0.0.1:x'])(
  '%j is no place to listen',
  (text) => {
    expect(() => parseListen(text)).toThrow('host:port');
  },
);
