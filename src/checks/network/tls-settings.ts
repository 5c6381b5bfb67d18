import { createSecureContext, type SecureContext } from 'node:tls';
import { z } from 'zod';

const pem = (what: string) =>
  z
    .string()
    .regex(
      /-----BEGIN [A-Z0-9 ]+-----/,
      `expected ${what} as PEM text (-----BEGIN …), or its path in the key that ends in _file`,
    );

/** `tls` of an endpoint: what a connection to it needs besides the machine's own trust. Every key has a `…_file` form for a path. */
export const tlsSettings = z
  .strictObject({
    ca: pem('certificates')
      .optional()
      .describe('Certificates to trust instead of the machine’s own (PEM). Best as ca_file.'),
    cert: pem('a certificate').optional().describe('Client certificate for mutual TLS (PEM). Best as cert_file.'),
    key: pem('a private key')
      .optional()
      .meta({ description: 'Private key of the client certificate (PEM). Best as key_file.', secret: true }),
    passphrase: z.string().optional().meta({ description: 'Passphrase of the private key.', secret: true }),
    server_name: z
      .string()
      .min(1)
      .optional()
      .describe('Name asked for in the handshake (SNI) and expected in the certificate. Default: the host.'),
    min_version: z.enum(['1.2', '1.3']).optional().describe('Oldest TLS version to speak.'),
  })
  .superRefine((tls, context) => {
    if ((tls.cert === undefined) !== (tls.key === undefined)) {
      context.addIssue({ code: 'custom', message: 'cert and key belong together; give both or none' });
      return;
    }
    try {
      secureContextOf(tls);
    } catch (error) {
      const said = error instanceof Error ? error.message.slice(0, 200) : '';
      context.addIssue({ code: 'custom', message: `these certificates cannot be used together: ${said}` });
    }
  });
export type TlsSettings = z.output<typeof tlsSettings>;

/** The context of these settings. Throws what OpenSSL says about the files. */
export function secureContextOf({ ca, cert, key, passphrase, min_version }: TlsSettings): SecureContext {
  return createSecureContext({
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(passphrase === undefined ? {} : { passphrase }),
    ...(min_version === undefined ? {} : { minVersion: `TLSv${min_version}` as const }),
  });
}

/** The context of these settings, made when it is first needed; without settings the one that all share. */
export function contextOf(tls: TlsSettings | undefined): () => SecureContext {
  if (!tls) return ordinaryContext;
  let made: SecureContext | undefined;
  return () => {
    made ??= secureContextOf(tls);
    return made;
  };
}

let ordinary: SecureContext | undefined;

/** The context for endpoints without `tls`: made once, because reading the trusted certificates costs milliseconds. */
export function ordinaryContext(): SecureContext {
  ordinary ??= createSecureContext();
  return ordinary;
}
