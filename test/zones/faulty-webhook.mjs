// `faulty-webhook.mjs FAULT CERT KEY`: serves in the webhook's place, on its port and with its certificate (PEM in
// base64), but answers each review with status 500, with no JSON, or with a review without an answer. Its probes are
// well.
import { createServer } from 'node:https';

const answers = {
  'status 500': [500, 'it broke'],
  garbage: [200, '<html>hello</html>'],
  'an empty review': [200, '{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}'],
};
const [fault, ...pems] = process.argv.slice(2);
const [status, body] = answers[fault];
const [cert, key] = pems.map((pem) => Buffer.from(pem, 'base64'));

createServer({ cert, key }, (request, response) => {
  request.resume();
  request.on('end', () => {
    const isReview = request.method === 'POST';
    response.writeHead(isReview ? status : 200).end(isReview ? body : 'ok');
  });
}).listen(9443);
