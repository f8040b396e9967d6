// `faulty-webhook.mjs FAULT`: serves in the webhook's place, on its port and with its certificate, but answers each
// review with status 500, with no JSON, or with a review without an answer. Its probes are well.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const answers = {
  'status 500': [500, 'it broke'],
  garbage: [200, '<html>hello</html>'],
  'an empty review': [200, '{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}'],
};
const [status, body] = answers[process.argv[2]];
const pem = (name) => readFileSync(`/etc/realip/tls/tls.${name}`);

createServer({ cert: pem('crt'), key: pem('key') }, (request, response) => {
  request.resume();
  request.on('end', () => {
    const isReview = request.method === 'POST';
    response.writeHead(isReview ? status : 200).end(isReview ? body : 'ok');
  });
}).listen(9443);
