import { createHash } from 'node:crypto';

/** What the durable extension calls its URL namespace (GuidManager.cs); it is not RFC 9562's. */
const URL_NAMESPACE = Buffer.from('9e9529595e334daf827f2fa12937b875', 'hex');

/** A name-based guid (version 5): the same name gives the same guid on every replay. */
export function deterministicGuid(name: string): string {
  const bytes = createHash('sha1').update(URL_NAMESPACE).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** A time as .NET's round-trip format writes it: always seven digits of a second. @param iso ISO 8601 text in UTC. */
export function roundTripTime(iso: string): string {
  const [, seconds = iso, fraction = ''] = /^([^.Z]+)(?:\.(\d+))?Z$/.exec(iso) ?? [];
  return `${seconds}.${fraction.padEnd(7, '0')}Z`;
}
