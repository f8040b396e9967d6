import { Buffer } from 'node:buffer';
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
} from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  Certificate,
  Extension,
  Extensions,
  Name,
  RelativeDistinguishedName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';

/** Times of a certificate, in milliseconds since 1970. */
export interface Life {
  readonly from: number;
  readonly until: number;
}

const ecdsaWithSha256 = new AlgorithmIdentifier({ algorithm: '1.2.840.10045.4.3.2' });
const commonName = '2.5.4.3';

/** What a certificate says beside its extensions. */
export interface Draft {
  readonly serial: Buffer;
  readonly subject: Name;
  readonly issuer: Name;
  readonly life: Life;
  readonly spki: ArrayBuffer;
  /** The private key that signs, PEM. */
  readonly signer: string;
}

/** A signed X.509 v3 certificate, PEM (RFC 5280, ECDSA with SHA-256). */
export function certificate(draft: Draft, extensions: readonly Extension[]): string {
  const { from, until } = draft.life;
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: bytes(draft.serial),
    signature: ecdsaWithSha256,
    issuer: draft.issuer,
    validity: new Validity({ notBefore: new Date(from), notAfter: new Date(until) }),
    subject: draft.subject,
    subjectPublicKeyInfo: AsnConvert.parse(draft.spki, SubjectPublicKeyInfo),
    extensions: new Extensions([...extensions]),
  });
  const signed = Buffer.from(AsnConvert.serialize(tbsCertificate));
  const whole = new Certificate({
    tbsCertificate,
    signatureAlgorithm: ecdsaWithSha256,
    signatureValue: bytes(sign('sha256', signed, createPrivateKey(draft.signer))),
  });
  return new X509Certificate(Buffer.from(AsnConvert.serialize(whole))).toString();
}

export function extension(id: string, value: object, critical = false): Extension {
  return new Extension({
    extnID: id,
    critical,
    extnValue: new OctetString(AsnConvert.serialize(value)),
  });
}

/** A distinguished name with a common name alone. */
export function nameOf(text: string): Name {
  const value = new AttributeValue({ utf8String: text });
  return new Name([new RelativeDistinguishedName([new AttributeTypeAndValue({ type: commonName, value })])]);
}

/** A key pair on P-256: the private key as PEM, the public one as DER. */
export function newKeys(): { readonly pem: string; readonly spki: ArrayBuffer } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    spki: bytes(publicKey.export({ type: 'spki', format: 'der' })),
  };
}

/** Positive and never zero in its first octet, as DER wants an integer of that length. */
export function newSerial(): Buffer {
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return serial;
}

/** Names a public key (RFC 7093, method 1). */
export function keyId(spki: ArrayBuffer): ArrayBuffer {
  return bytes(createHash('sha256').update(Buffer.from(spki)).digest().subarray(0, 20));
}

function bytes(buffer: Buffer): ArrayBuffer {
  return Uint8Array.from(buffer).buffer;
}
