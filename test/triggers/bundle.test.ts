import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { HttpRequest, type HttpResponseInit, InvocationContext } from '@azure/functions';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { DurableClient } from 'durable-functions';
import yauzl from 'yauzl';
import { createBlobStore } from '../../azure/blobs.ts';
import type { RepairStory } from '../../functions/activities/contract.ts';
import { known } from '../../functions/known.ts';
import { loadSettings } from '../../functions/settings.ts';
import { getBundle } from '../../functions/triggers/getBundle.ts';
import { createRecords, type Records } from '../../records/index.ts';
import { renderSupportRequest } from '../../report/index.ts';
import { type Redactor, redactAll, redactor } from '../../report/redact.ts';
import fc from '../fastCheck.ts';
import { type Azurite, startAzurite } from '../records/azurite.ts';
import { repairId as id } from '../report/sample/night.ts';
import { images } from '../report/sample/pictures.ts';
import { recordOf, repaired } from '../report/sample/stories.ts';
import { personHeader } from './callers.ts';

const sas = 'https://a.blob.core.windows.net/dumps/x.dmp?sv=2025&sig=abcdEFGH1234%2Babcd%3D&se=2026';
const log = `first line\r\nDumpUri ${sas}\npassword: hunter22\n${'w'.repeat(3 * 2 ** 20)}\nlast line, no end`;
const dump = Buffer.alloc(9 * 2 ** 20, 'PAGEDU64');

let azurite: Azurite;
let records: Records;
beforeAll(async () => {
  azurite = await startAzurite();
  const blobs = createBlobStore(azurite.service);
  records = createRecords(blobs);
  await records.putRecord(recordOf(repaired));
  for (const [blob, { bytes }] of images()) await records.putEvidence(id, blob.split('/')[1] ?? '', bytes, 'image/png');
  await records.putEvidence(id, 'serial.log', Buffer.from('SAC>\nsig=notinanaddress\n'), 'text/plain');
  await blobs.put('records', `${id}/scripts/2-offline-sfc.log`, log, 'text/plain');
  await blobs.put('dumps', `${id}/1-collect-dump.dmp`, dump, 'application/octet-stream');
});
afterAll(() => azurite?.stop());

const rights = { missingFor: async () => [] };
const machines = { called: async () => new Map<string, string[]>(), behind: async () => [] };
const client = { getStatus: () => Promise.reject(new Error('HTTP 404 response')) } as unknown as DurableClient;
const settings = loadSettings({ BOOTMEDIC_BLOB_ENDPOINT: 'https://127.0.0.1', WEBSITE_AUTH_ENABLED: 'True' });
function ask(headers: Record<string, string> = {}, own: Partial<Records> = {}, repair = id): Promise<HttpResponseInit> {
  const reader = { 'x-ms-client-principal': personHeader('anna', ['Repair.Read']), ...headers };
  const url = `http://127.0.0.1/api/repairs/${repair}/bundle`;
  const request = new HttpRequest({ method: 'GET', url, headers: reader, params: { id: repair } });
  return getBundle.run(request, client, new InvocationContext(), { records: { ...records, ...own }, settings, known, rights, machines });
}
const header = (answer: HttpResponseInit, name: string) => new Headers(answer.headers).get(name);
const bytesOf = (answer: HttpResponseInit) => Buffer.from(answer.body as Uint8Array);

async function unpack(zip: Buffer): Promise<Map<string, Buffer>> {
  const file = await promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer)(zip, { lazyEntries: true });
  const files = new Map<string, Buffer>();
  file.readEntry();
  return new Promise((resolve, reject) => {
    file.on('error', reject);
    file.on('end', () => resolve(files));
    file.on('entry', (entry: yauzl.Entry) =>
      file.openReadStream(entry, async (error, stream) => {
        if (error) return reject(error);
        files.set(entry.fileName, await buffer(stream));
        file.readEntry();
      }),
    );
  });
}

describe('the support bundle', () => {
  let whole: Buffer;
  let files: Map<string, Buffer>;
  beforeAll(async () => {
    whole = bytesOf(await ask());
    files = await unpack(whole);
  });

  test('holds everything of the repair', () => {
    expect([...files.keys()]).toEqual([
      'support-request.md',
      'report.html',
      'report.md',
      'report.json',
      'plan.json',
      'timeline.json',
      'audit.jsonl',
      'scripts/results.json',
      'scripts/2-offline-sfc.log',
      'evidence/after.png',
      'evidence/again.png',
      'evidence/before.png',
      'evidence/serial.log',
      'dump/README.txt',
      'dump/1-collect-dump.dmp',
      'manifest.json',
    ]);
    expect(files.get('dump/1-collect-dump.dmp')?.equals(dump)).toBe(true);
  });

  test('its manifest has size and hash of each file as it is in the zip, and how much was redacted', () => {
    const manifest = JSON.parse(String(files.get('manifest.json')));
    expect(manifest).toMatchObject({ schema: 1, repairId: id, redacted: 2 });
    expect(manifest.files).toHaveLength(files.size - 1);
    for (const { path, bytes, sha256 } of manifest.files) {
      const file = files.get(path)!;
      expect([path, bytes, sha256]).toEqual([path, file.length, createHash('sha256').update(file).digest('hex')]);
    }
  });

  test('secrets have left it, and nothing else', () => {
    const kept = String(files.get('scripts/2-offline-sfc.log'));
    expect(kept).toBe(log.replace('abcdEFGH1234%2Babcd%3D', '[signature of an address removed]').replace('hunter22', '[password removed]'));
    expect(String(files.get('evidence/serial.log'))).toContain('sig=notinanaddress');
  });

  test('the support request says what an engineer asks first', () => {
    const text = String(files.get('support-request.md'));
    expect(text.split('\n')[0]).toBe('# Support request: vm-till-07 did not boot (0xC000021A STATUS\\_SYSTEM\\_PROCESS\\_TERMINATED)');
    for (const words of ['0xC000021A', 'westeurope', 'Codes and parameters', 'What was tried', 'Correlation id', repaired.vm!.id])
      expect(text).toContain(words);
  });

  test('the support request does not say of a VM that boots again that it does not', () => {
    const asked = (outcome: RepairStory['outcome']) => renderSupportRequest(recordOf({ ...repaired, outcome }));
    for (const outcome of ['repaired', 'booted-unverified'] as const) {
      expect(asked(outcome)).toContain('The VM did not boot; since the repair it does. The question is why it stopped: **0xC000021A');
      expect(asked(outcome)).not.toContain('The VM does not boot');
    }
    for (const outcome of ['rolled-back', 'needs-person'] as const) expect(asked(outcome)).toContain('The VM does not boot: **0xC000021A');
  });

  describe('codes, parameters and build, where screen and log did not show them', () => {
    const asked = (part: Partial<RepairStory>) => renderSupportRequest(recordOf({ ...repaired, ...part }));
    const found = repaired.diagnosis!.findings.map(each => ({ ...each, parameters: [] }));
    const parameters = '0x0000000000000000 0x00000000C0000005 0x0000000000000000 0x0000000000000000';
    const probed = (build: string) => ({
      ...repaired.probe!,
      result: { ...repaired.probe!.result!, findings: [{ id: 'windows-build', confidence: 'certain' as const, evidence: build }] },
    });

    test('come from the dump, for the stop that was found and for one that was not', () => {
      const text = asked({ diagnosis: { ...repaired.diagnosis!, findings: found } });
      expect(text).toContain(`${parameters}\`, from the dump`);
      expect(text).not.toMatch(/0xC000021A.*none known/);
      expect(text).toMatch(/Windows build.*20348`, from the dump/);
      const unseen = asked({ diagnosis: { ...repaired.diagnosis!, findings: [] } });
      expect(unseen).toMatch(/0xC000021A.*read from the dump/);
      expect(unseen).toContain(parameters);
      expect(unseen.split('\n')[0]).toContain('0xC000021A');
    });

    test('of another stop are not told of the one that was found', () => {
      const other = found.map(each => ({ ...each, stopCode: '0x000000EF' }));
      const text = asked({ diagnosis: { ...repaired.diagnosis!, findings: other } });
      expect(text).toMatch(/0x000000EF.*none known/);
      expect(text).toMatch(/0xC000021A.*read from the dump/);
    });

    test('without a dump, the build is the probe’s', () => {
      const text = asked({ attempts: [], probe: probed('26100') });
      expect(text).toMatch(/Windows build.*26100`, read on the disk/);
      expect(asked({ attempts: [], probe: null })).not.toContain('Windows build');
    });
  });

  test('comes in parts that make the whole, and starts anew when it was packed anew', async () => {
    const parts: Buffer[] = [];
    let etag = '';
    for (let at = 0; at < whole.length; at += parts.at(-1)?.length ?? whole.length) {
      const answer = await ask({ range: `bytes=${at}-`, ...(etag && { 'if-range': etag }) });
      etag = header(answer, 'etag') ?? '';
      parts.push(bytesOf(answer));
      expect([answer.status, header(answer, 'content-range')]).toEqual([
        206,
        `bytes ${at}-${at + (parts.at(-1)?.length ?? 0) - 1}/${whole.length}`,
      ]);
    }
    expect(Buffer.concat(parts).equals(whole)).toBe(true);
    expect((await ask({ range: 'bytes=5-9', 'if-range': '"other"' })).status).toBe(200);
    expect(bytesOf(await ask({ range: 'bytes=-4' })).equals(whole.subarray(-4))).toBe(true);
    const beyond = await ask({ range: `bytes=${whole.length}-` });
    expect([beyond.status, header(beyond, 'content-range')]).toEqual([416, `bytes */${whole.length}`]);
    for (const none of ['bytes=1-2,5-6', 'bytes=5-2', 'bytes=-', 'bytes=x'])
      expect([none, (await ask({ range: none })).status]).toEqual([none, 200]);
  });

  test('a large one is served by the storage, and in parts of at most 8 MiB from here', async () => {
    const large = { findBundle: async () => ({ size: 2 ** 33, etag: '"v"' }), bundleUrl: async () => 'https://storage/x.zip?sig=s' };
    const asked: number[] = [];
    const readBundle = async (_id: string, _etag: string, _from: number, count: number) => Buffer.alloc(Math.min(16, asked.push(count)));
    const answer = await ask({}, large);
    expect([answer.status, header(answer, 'location')]).toEqual([307, 'https://storage/x.zip?sig=s']);
    expect((await ask({ range: 'bytes=0-' }, { ...large, readBundle })).status).toBe(206);
    expect(asked).toEqual([8 * 2 ** 20]);
  });

  test('a newer record is packed anew', async () => {
    await records.putRecord(recordOf({ ...repaired, headline: 'Told again.' }));
    const again = await unpack(bytesOf(await ask()));
    expect(String(again.get('report.md'))).toContain('Told again.');
  });

  test('of no repair there is none', async () => expect((await ask({}, {}, 'r-222222222222')).status).toBe(404));
});

const all = (redact: Redactor, text: string[]) => [...text.flatMap(redact.take), ...redact.rest()];
const lines = (...text: string[]) => all(redactor(), text);
/** As a console of that width shows it. */
const wrapped = (text: string, width: number) => text.match(new RegExp(`.{1,${width}}`, 'g')) ?? [];

describe('a secret that a console has broken over lines', () => {
  const token = `eyJ${'a'.repeat(300)}.${'b'.repeat(500)}.${'c'.repeat(90)}`;
  const said = [
    ['signature', `DumpUri https://a.blob.core.windows.net/dumps/x.dmp?sv=2025&se=2026&sig=`, 'S'.repeat(44), '&sp=w ok'],
    ['token', 'the answer was that this is the token of the caller ', token, ' and no more'],
    ['password', 'set in the unattended answer file of the machine: password="', 'Hunter22Hunter22', '" on'],
    ['BitLocker recovery key', 'The recovery key of the volume is ', Array.from({ length: 8 }, () => '123456').join('-'), ' .'],
  ] as const;

  test.each(said)('%s: gone at every width, counted once, and nothing but it', (_, before, secret, after) => {
    for (let width = 40; width <= 160; width++) {
      const redact = redactor();
      const text = wrapped(before + secret + after, width);
      const shown = all(redact, text);
      expect(shown).toHaveLength(text.length);
      expect(shown.join('').replace(/\[[\w ]+ removed\]/, '')).toBe(before + after);
      expect(Object.values(redact.counts)).toEqual([1]);
    }
  });

  test('with carriage returns', () => {
    const text = wrapped(said[1][1] + token + said[1][3], 80).join('\r\n');
    const shown = `${text.slice(0, 52)}[token removed]${'\r\n'.repeat(text.split('\n').length - 1)}${said[1][3]}`;
    expect(lines(...text.split('\n')).join('\n')).toBe(shown);
  });

  test('does not make others of lines that only stand together', () => {
    const log = ['2026-03-01 03:00:00 the servicing stack has begun its work', 'password policy: enforced', 'x', '', ' y'];
    expect(lines(...log)).toEqual(log);
    const long = Array.from({ length: 500 }, (_, n) => `${n} ${'z'.repeat(60)}`);
    expect(lines(...long)).toEqual(long);
  });
});

describe('redaction', () => {
  test.each([
    ['https://x/y?sv=1&sig=AbCd1234%2FAbCd1234&se=2', 'https://x/y?sv=1&sig=[signature of an address removed]&se=2'],
    ['Authorization: Bearer abcdefghijklmnop1234', 'Authorization: Bearer [bearer token removed]'],
    ['t eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-_1 x', 't [token removed] x'],
    [
      'DefaultEndpointsProtocol=https;AccountKey=abcdefghijklmnopqrst==;E=1',
      'DefaultEndpointsProtocol=https;AccountKey=[account key removed];E=1',
    ],
    ['"adminPassword": "P@ss w0rd",', '"adminPassword": "[password removed]",'],
    ["password='Hunter 22'", "password='[password removed]'"],
    ['password=Hunter22;x', 'password=[password removed];x'],
    ['{\\"pwd\\":\\"Hunter22\\"}', '{\\"pwd\\":\\"[password removed]\\"}'],
    ['<Password><Value>Hunter22</Value>', '<Password><Value>[password removed]</Value>'],
    ['<AdministratorPassword>Hunter22<', '<AdministratorPassword>[password removed]<'],
    ['Authorization: Basic dXNlcjpwYXNz', 'Authorization: Basic [password removed]'],
    ['net user anna Hunter22 /add', 'net user anna [password removed] /add'],
    ['net user anna /active:no', 'net user anna /active:no'],
    ['key 123456-123456-123456-123456-123456-123456-123456-123456.', 'key [BitLocker recovery key removed].'],
    ['AB1CD-EF2GH-IJ3KL-MN4OP-QR5ST', '[product key removed]'],
    ['    DefaultPassword    REG_SZ    Hunter 22', '    DefaultPassword    REG_SZ    [password removed]'],
    ['New-Vm -AdminPassword Hunter22 -Name x', 'New-Vm -AdminPassword [password removed] -Name x'],
    ['New-Vm -AdminPassword $secure -Name x', 'New-Vm -AdminPassword $secure -Name x'],
    ['-Password "Hunter 22"', '-Password [password removed]'],
    ['ConvertTo-SecureString "Hunter 22" -AsPlainText -Force', 'ConvertTo-SecureString [password removed] -AsPlainText -Force'],
    ["ConvertTo-SecureString -String 'x' -Force", 'ConvertTo-SecureString -String [password removed] -Force'],
    ["'Hunter22' | ConvertTo-SecureString -Force", '[password removed] | ConvertTo-SecureString -Force'],
    ['cmdkey /add:srv /user:anna /pass:Hunter22', 'cmdkey /add:srv /user:anna /pass:[password removed]'],
    ['net use Z: \\\\srv\\data Hunter22 /user:shop\\anna', 'net use Z: \\\\srv\\data [password removed] /user:shop\\anna'],
    ['net use \\\\srv\\data /user:anna Hunter22', 'net use \\\\srv\\data /user:anna [password removed]'],
    ['net use \\\\srv\\data failed with error 53', 'net use \\\\srv\\data failed with error 53'],
    ['schtasks /create /tn job /ru anna /rp Hunter22 /f', 'schtasks /create /tn job /ru anna /rp [password removed] /f'],
    ['Endpoint=x;AccessKey=abcdefgh1234;y', 'Endpoint=x;AccessKey=[access key removed];y'],
    ['api_key=abcdefgh1234 y', 'api_key=[access key removed] y'],
    ['aws_secret_access_key = abcd/efgh+1234', 'aws_secret_access_key = [access key removed]'],
    ['x-functions-key: abcdefgh1234==', 'x-functions-key: [access key removed]'],
    ['https://f.azurewebsites.net/api/x?code=abcdefghijklmnopqrstuv==', 'https://f.azurewebsites.net/api/x?code=[access key removed]'],
    ['{"token":"abc123","a":1}', '{"token":"[token removed]","a":1}'],
    ['{\\"access_token\\": \\"abc123\\"}', '{\\"access_token\\": \\"[token removed]\\"}'],
    ['token=abcdefghijklmnop1234', 'token=[token removed]'],
    ['publicKeyToken="31bf3856ad364e35" token: 0x00000000000003e7', 'publicKeyToken="31bf3856ad364e35" token: 0x00000000000003e7'],
    ['git clone https://anna:Hunter22@git.example/x', 'git clone https://anna:[password removed]@git.example/x'],
    ['http://168.63.129.16:80/machine?comp=goalstate@x', 'http://168.63.129.16:80/machine?comp=goalstate@x'],
    [`t ghp_${'a1'.repeat(18)} x`, 't [token removed] x'],
    ['id AKIAIOSFODNN7EXAMPLE.', 'id [access key removed].'],
    ['Kennwort: Hunter22', 'Kennwort: [password removed]'],
    ['Mot de passe\u00a0: Hunter22', 'Mot de passe\u00a0: [password removed]'],
    ['wachtwoord=Hunter22', 'wachtwoord=[password removed]'],
    ['CONTRASEÑA: "Hunter 22"', 'CONTRASEÑA: "[password removed]"'],
    ['contrasen\u0303a: Hunter22', 'contrasen\u0303a: [password removed]'],
    ['lösenord=Hunter22', 'lösenord=[password removed]'],
    ['パスワード：Hunter22', 'パスワード：[password removed]'],
    ['密码: Hunter22', '密码: [password removed]'],
    ['stop 0xC000021A at 2026-03-01T03:00:00Z', 'stop 0xC000021A at 2026-03-01T03:00:00Z'],
  ])('%s', (text, shown) => expect(lines(text)).toEqual([shown]));

  test('what a serial log says every day is left alone', () => {
    const hex = (digits: number) =>
      fc.bigInt({ min: 0n, max: 16n ** BigInt(digits) - 1n }).map(value => value.toString(16).padStart(digits, '0'));
    const word = fc.constantFrom(
      'ntoskrnl.exe',
      'hal.dll',
      'winlogon',
      'TrustedInstaller',
      'key',
      'net',
      'use',
      'code',
      'services.exe',
      'C:\\Windows',
    );
    const line = fc.oneof(
      fc.tuple(hex(8), hex(16), hex(16)).map(([a, b, c]) => `*** STOP: 0x${a} (0x${b},0x${c},0x0,0x0)`),
      fc
        .tuple(hex(16), hex(8), hex(4))
        .map(([a, b, c]) => `Package_for_KB${b}~${a}~amd64~~10.0.1.${c} publicKeyToken="${a}" versionScope="nonSxS"`),
      fc.tuple(hex(8), hex(4), hex(12)).map(([a, b, c]) => `!SAC>The CMD command is now available. {${a}-${b}-${b}-${b}-${c}}`),
      fc
        .tuple(fc.nat(99), fc.nat(9999))
        .map(([a, b]) => `2026-03-01 03:${a}:00.${b}, Info  CBS  TI: --- Initializing Trusted Installer --- ${b}`),
      fc.tuple(hex(8), word).map(([a, w]) => `AUTOCHK: ${w} index $SDH in file ${a}, password policy is in force; pass 1 of ${a}`),
      fc.tuple(hex(16), word).map(([a, w]) => `<INSTANCE CLASS="BLUESCREEN"><PROPERTY NAME="STOPCODE"><VALUE>"0x${a}"</VALUE>${w}`),
      fc.tuple(fc.ipV4(), hex(8), word).map(([ip, a, w]) => `http://${ip}:80/machine/?comp=${w}&type=${a}@wireserver net use ${w}`),
      fc.array(fc.oneof(word, hex(8), hex(16)), { maxLength: 12 }).map(words => words.join(' ')),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), log => {
        const redact = redactor();
        expect(all(redact, log)).toEqual(log);
        expect(redact.counts).toEqual({});
      }),
      { numRuns: 300 },
    );
  });

  test('text made to be slow is not', () => {
    const pieces = [
      'schtasks ',
      'net use \\\\a ',
      '://',
      '"',
      "'a' | ",
      ' -password ',
      'password REG_SZ ',
      'mot de passe ',
      'token=',
      'net use a /user:',
      '/pass:',
    ];
    for (const piece of pieces) {
      const began = performance.now();
      redactor().piece(piece.repeat(200_000 / piece.length));
      expect([piece, performance.now() - began < 2000]).toEqual([piece, true]);
    }
  });

  test('a private key of several lines is one secret', () => {
    const redact = redactor();
    const { counts } = redact;
    const key = ['a', '-----BEGIN RSA PRIVATE KEY-----', 'MIIE', '-----END RSA PRIVATE KEY-----', 'b'];
    expect(all(redact, key)).toEqual(['a', '[private key removed]', '', '', 'b']);
    expect(counts).toEqual({ 'private key': 1 });
  });

  test('a private key that does not end swallows nothing but key', () => {
    const key = ['-----BEGIN PRIVATE KEY-----', 'MIIE', 'C:\\x "is" (read)', 'b'];
    expect(lines(...key)).toEqual(['[private key removed]', '', 'C:\\x "is" (read)', 'b']);
  });

  test('of a record every text is cleaned before it is written, so that its form stays whole', () => {
    const { value, counts } = redactAll({
      a: ['password="Hunter22" <b>'],
      b: { c: 'x\n-----BEGIN PRIVATE KEY-----\nMIIE' },
      d: 7,
      e: null,
    });
    expect(value).toEqual({ a: ['password="[password removed]" <b>'], b: { c: 'x\n[private key removed]\n' }, d: 7, e: null });
    expect(counts).toEqual({ password: 1, 'private key': 1 });
  });

  test('a signature is found wherever it stands, also in a line of megabytes', () =>
    fc.assert(
      fc.property(fc.nat(200_000), fc.nat(200_000), (before, after) => {
        const text = `${'x'.repeat(before)}?sig=${'s'.repeat(40)}&${'y'.repeat(after)}`;
        expect(lines(text).join()).not.toContain('s'.repeat(16));
        expect(redactor().piece(text)).not.toContain('s'.repeat(16));
      }),
      { numRuns: 20 },
    ));
});
