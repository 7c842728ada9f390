/** Who comes in to the embedded host, and what the app is told of them. */
import { describe, expect, test } from '@jest/globals';
import { createGate } from '../../host/gate.ts';
import fc from '../fastCheck.ts';

const gate = createGate();
const host = '127.0.0.1:7071';
const principal = 'x-ms-client-principal';
const rolesIn = (header: string | undefined) => {
  const { claims } = JSON.parse(Buffer.from(header ?? '', 'base64').toString()) as { claims: { typ: string; val: string }[] };
  return claims.flatMap(({ typ, val }) => (typ === 'roles' ? [val] : []));
};

describe('the gate', () => {
  test('tells the app that its own user calls, who may do everything, where the token is shown', () => {
    const ways: Record<string, string>[] = [
      { authorization: `Bearer ${gate.token}` },
      { host, cookie: `a=b; bootmedic-7071=${gate.token}` },
    ];
    for (const headers of ways) {
      const passed = gate.pass(headers);
      expect(rolesIn(passed[principal])).toEqual(expect.arrayContaining(['Repair.Read', 'Repair.Start', 'Repair.Approve']));
      expect(JSON.stringify(passed)).not.toContain(gate.token);
    }
  });

  test('lets the app see its own cookies, which a form of its page may need', () => {
    const cookie = `a=b; bootmedic-7071=${gate.token}; c=d=e`;
    expect(gate.pass({ host, cookie }).cookie).toBe('a=b; c=d=e');
    expect(gate.pass({ host, cookie: `bootmedic-7071=${gate.token}` })).not.toHaveProperty('cookie');
  });

  test('believes no header that only a gate may write', () => {
    const forged = { [principal]: 'forged', 'x-ms-client-principal-name': 'root', 'x-ms-token-aad-access-token': 'x', accept: 'y' };
    expect(gate.pass(forged)).toEqual({ accept: 'y' });
    expect(gate.pass({ ...forged, authorization: `Bearer ${gate.token}` })[principal]).not.toBe('forged');
  });

  test('does not know another token, nor its own in another port’s cookie or from another page', () => {
    expect(gate.knows({ authorization: `Bearer ${createGate().token}` })).toBe(false);
    expect(gate.knows({ host, cookie: `bootmedic-7072=${gate.token}` })).toBe(false);
    const cookie = `bootmedic-7071=${gate.token}`;
    expect(gate.knows({ host, cookie, origin: `http://${host}` })).toBe(true);
    expect(gate.knows({ host, cookie, origin: 'http://127.0.0.1:8080' })).toBe(false);
  });

  test('knows nobody by whatever else is sent', () => {
    const name = fc.constantFrom('authorization', 'cookie', 'host', principal, 'X-MS-Client-Principal', 'x-ms-client-principal-id');
    fc.assert(
      fc.property(fc.dictionary(name, fc.string()), headers => {
        expect(Object.keys(gate.pass(headers)).filter(each => each.startsWith('x-ms'))).toEqual([]);
      }),
    );
  });
});
