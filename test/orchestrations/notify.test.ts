/** Others are told: over real HTTP, signed, again when they do not answer, and in words that nobody can bend. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { createClock } from '../../azure/clock.ts';
import { type Name, runActivity } from '../../functions/activities/activity.ts';
import type { Envelope, Notice } from '../../functions/activities/contract.ts';
import { activities } from '../../functions/activities/index.ts';
import { messageOf } from '../../functions/activities/notificationText.ts';
import type { Tools } from '../../functions/activities/tools.ts';
import { loadSettings, SettingsError } from '../../functions/settings.ts';
import { uiRoutes } from '../../functions/triggers/ui.ts';
import { type NotifyEnd, type NotifyRequest, notify } from '../../orchestrations/notify.ts';
import { repairVm } from '../../orchestrations/repairVm.ts';
import type { Command } from '../../orchestrations/steps.ts';
import fc from '../fastCheck.ts';
import { request, World } from './world.ts';

const secret = 'a secret of thirty-two characters';
const notice: Notice = {
  ...{ event: 'waiting-approval', repairId: 'r-aaaaaaaaaaaa', vmId: '/subscriptions/s/vm/web-01', outcome: null },
  ...{ headline: 'It waits.', finding: '0x000000EF', planHash: 'ab'.repeat(32), awaiting: 'upload-dump', nextSteps: [] },
};

interface Heard {
  headers: IncomingHttpHeaders;
  body: string;
}
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A receiver that gives one answer after the other; `cut` = the connection breaks. The last one stays. */
async function receiver(...answers: (number | 'cut' | Record<string, string>)[]) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', chunk => {
      body += chunk;
    });
    request.on('end', () => {
      heard.push({ headers: request.headers, body });
      const answer = (answers.length > 1 ? answers.shift() : answers[0]) ?? 200;
      if (answer === 'cut') request.socket.destroy();
      else if (typeof answer === 'number') response.writeHead(answer).end();
      else response.writeHead(302, answer).end();
    });
  }).listen(0, '127.0.0.1');
  closing.push(() => {
    server.close();
    server.closeAllConnections();
  });
  await once(server, 'listening');
  return { heard, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?sig=SECRET-IN-THE-ADDRESS` };
}

const hook = { urlSetting: 'HOOK_URL', secretSetting: 'HOOK_SECRET' };

/** The real runbook and activities, by a clock that does not wait; what Durable Functions and the log would keep is in `kept`. */
async function deliver(url: string, more: Partial<NotifyRequest> = {}, waits: object | null = null) {
  const kept: unknown[] = [];
  const waited: number[] = [];
  const env = { HOOK_URL: url, HOOK_SECRET: secret, BOOTMEDIC_BLOB_ENDPOINT: 'https://x.blob.core.windows.net' };
  const settings = loadSettings({ ...env, BOOTMEDIC_SETTINGS: JSON.stringify({ notifications: { webhooks: [hook] } }) });
  const tools = {
    ...{ settings, clock: createClock(), log: pino({ level: 'debug' }, { write: (text: string) => void kept.push(text) }) },
    records: { appendTimeline: async (_: string, entry: unknown) => void kept.push(entry) },
    secret: (name: string) => ({ ...env })[name] ?? '',
    address: () => 'https://app.example',
  } as unknown as Tools;
  const client = { getStatus: async () => waits } as never;
  const answer = async (command: Command): Promise<unknown> => {
    kept.push(command);
    if (command.do === 'now') return new Date().toISOString();
    if (command.do === 'sleep' || command.do === 'retry') waited.push(command.seconds);
    if (command.do === 'retry') return true;
    if (command.do !== 'activity') return null;
    const envelope = { repairId: notice.repairId, phase: '', since: '2026-01-01T00:00:00Z', input: command.input } as Envelope<never>;
    const reply = await runActivity(command.name as Name, activities[command.name as Name] as never, envelope, tools, client);
    kept.push(reply);
    return reply;
  };
  const steps = notify({ notice, webhook: 0, afterSeconds: 0, ...more });
  let next = steps.next();
  while (!next.done) next = steps.next(await answer(next.value));
  return { end: next.value as NotifyEnd, waited, kept: JSON.stringify(kept) };
}

/** As a receiver checks it. */
function isGenuine({ headers, body }: Heard): boolean {
  const [, t = '', v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['x-bootmedic-signature'])) ?? [];
  return Math.abs(Date.now() / 1000 - Number(t)) < 60 && createHmac('sha256', secret).update(`${t}.${body}`).digest('hex') === v1;
}

describe('a notice', () => {
  test('is tried again while nobody takes it, a little later each time, and signed at each try', async () => {
    const { heard, url } = await receiver(503, 'cut', 200);
    const { end, waited } = await deliver(url);
    expect([end.sent, heard.length, waited]).toEqual([true, 3, [2, 4]]);
    expect(heard.map(isGenuine)).toEqual([true, true, true]);
    const forged = { ...heard[2], body: `${heard[2]?.body} ` } as Heard;
    expect(isGenuine(forged)).toBe(false);
    expect(new Set(heard.map(({ headers }) => headers['x-bootmedic-delivery']))).toEqual(
      new Set(['r-aaaaaaaaaaaa.waiting-approval.abababababab.1']),
    );
    const { bootmedic, type, attachments } = JSON.parse(heard[2]?.body ?? '');
    expect([type, attachments[0].contentType]).toEqual(['message', 'application/vnd.microsoft.card.adaptive']);
    expect(bootmedic).toMatchObject({
      ...{ event: 'waiting-approval', planHash: notice.planHash, awaiting: 'upload-dump' },
      link: 'https://app.example/api/repairs/r-aaaaaaaaaaaa/report.html',
    });
  });

  test('leads to the page where it is decided, and says the command that reaches this app; one of an end leads to the report', () => {
    const cardOf = (given: Partial<Notice>, address = 'https://app.example') => {
      const { attachments, bootmedic } = messageOf({ ...notice, ...given }, address, 'now') as {
        attachments: { content: { actions: { url: string }[]; body: unknown[] } }[];
        bootmedic: { decideAt: string | null };
      };
      const { actions = [], body = [] } = attachments[0]?.content ?? {};
      return { urls: actions.map(({ url }) => url), decideAt: bootmedic.decideAt, text: JSON.stringify(body) };
    };
    const report = 'https://app.example/api/repairs/r-aaaaaaaaaaaa/report.html';
    const page = 'https://app.example/api/ui/repairs/r-aaaaaaaaaaaa';
    const asked = cardOf({});
    expect([asked.urls, asked.decideAt]).toEqual([[page, report], page]);
    expect(asked.text).toContain('bootmedic --app https://app.example approve r-aaaaaaaaaaaa --plan abababababab');
    expect(cardOf({}, 'http://127.0.0.1:9').text).toContain('bootmedic approve r-aaaaaaaaaaaa');
    const ends: Partial<Notice>[] = [
      { event: 'ended', outcome: 'repaired', planHash: null },
      { event: 'needs-person', outcome: 'rolled-back', planHash: 'clean-up' },
    ];
    for (const end of ends) {
      const over = cardOf({ ...end, awaiting: null });
      expect([over.urls, over.decideAt, over.text.includes('approve')]).toEqual([[report], null, false]);
    }
    // What a link opens is a page that asks; only its form decides.
    const opened = uiRoutes.filter(({ path }) => `/api/${path}`.replace('{id}', notice.repairId) === new URL(page).pathname);
    expect(opened.map(({ name, method, role }) => [name, method, role])).toEqual([['uiRepair', 'GET', 'Repair.Read']]);
  });

  test('that is refused is not tried again, nor sent on to where a redirect points', async () => {
    const elsewhere = await receiver(200);
    for (const answer of [404, { location: elsewhere.url }]) {
      const { heard, url } = await receiver(answer);
      const { end } = await deliver(url);
      expect([end.sent, heard.length]).toEqual([false, 1]);
    }
    expect(elsewhere.heard).toEqual([]);
  });

  test('that can never be delivered ends, and neither secret nor address is kept anywhere', async () => {
    const { heard, url } = await receiver('cut');
    const { end, kept } = await deliver(url);
    expect([end.sent, heard.length]).toEqual([false, 9]);
    const unreachable = await deliver('http://127.0.0.1:1/?sig=SECRET-IN-THE-ADDRESS');
    for (const text of [kept, unreachable.kept, JSON.stringify([end, unreachable.end])]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain('SECRET-IN-THE-ADDRESS');
    }
  });

  test('of half the time being over is sent only while the same plan still waits', async () => {
    const { heard, url } = await receiver(200);
    const waiting = (change: object) => ({ customStatus: { state: 'waiting-approval', planHash: notice.planHash, ...change } });
    const reminder = { afterSeconds: 3600 };
    for (const state of [null, waiting({ state: 'running' }), waiting({ planHash: 'other' })])
      expect((await deliver(url, reminder, state)).end.sent).toBe(false);
    expect(heard).toEqual([]);
    const { end, waited } = await deliver(url, reminder, waiting({}));
    expect([end.sent, waited, heard.length]).toEqual([true, [3600], 1]);
  });

  test('shows hostile words as they are: no Markdown is read, no control character gets through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (hostile, name) => {
        const message = messageOf({ ...notice, headline: hostile, vmId: `/x/${name}`, nextSteps: [hostile] }, 'https://app', 'now');
        const card = (message as { attachments: { content: { body: { type: string; text?: string }[] } }[] }).attachments[0]?.content;
        const blocks = (card?.body ?? []).filter(({ type }) => type === 'TextBlock').map(({ text }) => text);
        expect(blocks).toEqual(['A repair waits for approval']);
        expect(JSON.stringify((message as { bootmedic: { headline: string } }).bootmedic.headline)).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });
});

describe('the settings', () => {
  const problems = (env: object, webhook: object = hook) => {
    try {
      const base = { BOOTMEDIC_BLOB_ENDPOINT: 'https://x.blob.core.windows.net' };
      loadSettings({ ...base, ...env, BOOTMEDIC_SETTINGS: JSON.stringify({ notifications: { webhooks: [webhook] } }) });
      return [];
    } catch (error) {
      return error instanceof SettingsError ? error.problems.map(({ field }) => field) : [String(error)];
    }
  };

  test('name secrets, which must be there, and addresses, which must be https', () => {
    expect(problems({ HOOK_URL: 'https://x', HOOK_SECRET: secret })).toEqual([]);
    expect(problems({ HOOK_URL: 'http://127.0.0.1:9', HOOK_SECRET: secret })).toEqual([]);
    expect(problems({ HOOK_URL: 'http://10.0.0.1/x', HOOK_SECRET: 'short' })).toEqual(['HOOK_URL', 'HOOK_SECRET']);
    expect(problems({ HOOK_URL: 'http://localhost.evil.example' }, { urlSetting: 'HOOK_URL' })).toEqual(['HOOK_URL']);
    expect(problems({}, { urlSetting: 'https://x' })[0]).toContain('urlSetting');
  });
});

describe('the runbook', () => {
  const noticesOf = (part: object) => {
    const world = new World(part);
    const told: { notice: Notice; afterSeconds: number }[] = [];
    const activity = world.activity.bind(world);
    world.activity = (name: string, input: unknown) => {
      if (name !== 'startNotification') return activity(name, input);
      told.push(input as never);
      return { ok: false, fault: { kind: 'fatal', code: 'x', message: 'nobody can be told' } };
    };
    const end = world.run(repairVm({ ...request, notify: true }, 'r-test'));
    return { end, told: told.map(({ notice, afterSeconds }) => [notice.event, afterSeconds, notice.outcome]) };
  };

  test('tells who is asked, again at half time, and how it ended; that nobody can be told changes nothing', () => {
    const { end, told } = noticesOf({ mode: 'review' });
    expect(end.outcome).toBe('repaired');
    expect(told).toEqual([
      ['waiting-approval', 0, null],
      ['reminder', request.limits.approvalSeconds / 2, null],
      ['ended', 0, 'repaired'],
    ]);
  });

  test('tells nobody where nobody is named', () => {
    const world = new World({ mode: 'review' });
    world.run(repairVm(request, 'r-test'));
    expect(world.log).not.toContain('startNotification');
  });
});
