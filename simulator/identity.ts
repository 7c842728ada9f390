import { generateKeyPairSync, randomBytes, randomUUID, sign, verify } from 'node:crypto';
import { z } from 'zod';

const Claims = z.object({ aud: z.string(), iss: z.string(), nbf: z.number(), exp: z.number(), oid: z.string(), tid: z.string() });
/** What the simulator reads of a token. */
export type Claims = z.infer<typeof Claims>;

const STORAGE_AUDIENCE = 'https://storage.azure.com';
const MONITOR_AUDIENCE = 'https://monitor.azure.com';
const ARM_AUDIENCES = ['https://management.azure.com', 'https://management.core.windows.net'];
const LIFETIME_SECONDS = 24 * 3600;

/**
 * The managed identity of the app and the tenant that signs its tokens.
 * The shape is what App Service's endpoint gives (`IDENTITY_ENDPOINT`, api-version 2019-08-01) and what Azurite's `--oauth basic` reads.
 */
export class Identity {
  /** The secret `IDENTITY_HEADER`. */
  readonly header = randomBytes(24).toString('hex');
  readonly tenantId = randomUUID();
  readonly principalId = randomUUID();
  readonly clientId = randomUUID();
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  /** The last token that was found genuine, by its text: a client sends the same one a hundred times. */
  #genuine = '';

  /** The answer to `GET ?resource=…&api-version=2019-08-01`; undefined when nobody issues tokens for that resource. */
  issue(resource: string): Record<string, string> | undefined {
    const audience = resource.replace(/\/+$/, '');
    if (![STORAGE_AUDIENCE, MONITOR_AUDIENCE, ...ARM_AUDIENCES].includes(audience)) return undefined;
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      aud: audience,
      iss: `https://sts.windows.net/${this.tenantId}/`,
      iat: now,
      nbf: now - 60,
      exp: now + LIFETIME_SECONDS,
      oid: this.principalId,
      sub: this.principalId,
      tid: this.tenantId,
      appid: this.clientId,
      ver: '1.0',
    };
    return {
      access_token: this.#sign(claims),
      client_id: this.clientId,
      expires_on: String(claims.exp),
      not_before: String(claims.nbf),
      resource,
      token_type: 'Bearer',
    };
  }

  /** The claims of a token that this tenant signed for ARM and that is valid now; else why it is not. */
  verifyForArm(token: string): Claims | { refused: string } {
    const [head, body, signature, ...rest] = token.split('.');
    if (head === undefined || body === undefined || signature === undefined || rest.length > 0)
      return { refused: 'The access token is invalid.' };
    if (token !== this.#genuine && !this.#isGenuine(`${head}.${body}`, signature))
      return { refused: 'The access token validation failed.' };
    this.#genuine = token;
    const claims = Claims.parse(JSON.parse(Buffer.from(body, 'base64url').toString()));
    if (!ARM_AUDIENCES.includes(claims.aud))
      return { refused: `The access token has been obtained for wrong audience or resource '${claims.aud}'.` };
    if (claims.exp * 1000 <= Date.now()) return { refused: 'The access token expiry UTC time is earlier than current UTC time.' };
    return claims;
  }

  #isGenuine(signed: string, signature: string): boolean {
    const key = { key: this.#keys.publicKey, dsaEncoding: 'ieee-p1363' } as const;
    return verify('sha256', Buffer.from(signed), key, Buffer.from(signature, 'base64url'));
  }

  #sign(claims: object): string {
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
    const text = `${encode({ typ: 'JWT', alg: 'ES256', kid: 'simulator' })}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(text), { key: this.#keys.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${text}.${signature.toString('base64url')}`;
  }
}
