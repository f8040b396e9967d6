import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { AsnConvert } from '@peculiar/asn1-schema';
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
} from '@peculiar/asn1-x509';
import { certificate, extension, keyId, type Life, nameOf, newKeys, newSerial } from './certificate.ts';

/** A certificate with its private key, both PEM. */
export interface Minted {
  readonly cert: string;
  readonly key: string;
}

/** A new CA, good for serving certificates only (EC P-256, RFC 5280). */
export function mintAuthority(life: Life): Minted {
  const keys = newKeys();
  const serial = newSerial();
  // Each CA has a name of its own: verifiers look for issuers by name first.
  const name = nameOf(`realip-webhook CA ${serial.toString('hex').slice(0, 8)}`);
  return {
    key: keys.pem,
    cert: certificate({ serial, subject: name, issuer: name, life, spki: keys.spki, signer: keys.pem }, [
      extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
      extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign), true),
      extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyId(keys.spki))),
    ]),
  };
}

/**
 * A serving certificate for host names and addresses.
 *
 * @param authority who signs it; null for one that signs itself
 */
export function mintServing(names: readonly string[], life: Life, authority: Minted | null): Minted {
  const keys = newKeys();
  const signer = authority === null ? null : Buffer.from(new X509Certificate(authority.cert).raw);
  const ca = signer === null ? null : AsnConvert.parse(signer, Certificate).tbsCertificate;
  const subject = nameOf(names[0] ?? 'realip-webhook');
  const alternatives = names.map(
    (name) => new GeneralName(isIP(name) === 0 ? { dNSName: name } : { iPAddress: name }),
  );
  const issuerKey = new KeyIdentifier(
    keyId(ca === null ? keys.spki : AsnConvert.serialize(ca.subjectPublicKeyInfo)),
  );
  return {
    key: keys.pem,
    cert: certificate(
      {
        serial: newSerial(),
        subject,
        issuer: ca?.subject ?? subject,
        life,
        spki: keys.spki,
        signer: authority?.key ?? keys.pem,
      },
      [
        extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
        extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
        extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
        extension(id_ce_subjectAltName, new SubjectAlternativeName(alternatives)),
        extension(id_ce_authorityKeyIdentifier, new AuthorityKeyIdentifier({ keyIdentifier: issuerKey })),
      ],
    ),
  };
}
