import { createHmac } from 'node:crypto';
import { z } from 'zod';
import { fail, retryAfter, withoutQueries } from '../../azure/errors.ts';
import { isWebhook } from '../notificationSettings.ts';
import type { Activity, Given } from './activity.ts';
import { deliveryId, messageOf } from './notificationText.ts';

const patienceMs = 10_000;

/**
 * One try to deliver a notice. A receiver checks `X-Bootmedic-Signature: t=<unix seconds>,v1=<hex>`: HMAC-SHA256 of `<t>.<body>` with the secret
 * that it shares with us, and a t that is not old. `X-Bootmedic-Delivery` is the same for every try.
 * Throws an AzureError: `transient` or `throttled` where another try may help.
 */
export const sendNotification: Activity<'sendNotification'> = async ({ notice, webhook, onlyWhileWaiting }, given) => {
  const target = given.settings.notifications.webhooks[webhook];
  if (target === undefined) return { sent: false, why: 'there is no such webhook any more' };
  if (onlyWhileWaiting && !(await stillWaits(notice.repairId, notice.planHash, given)))
    return { sent: false, why: 'it does not wait any more' };
  const url = given.secret(target.urlSetting);
  if (!isWebhook(url)) throw fail('fatal', 'webhookAddress', `${target.urlSetting} holds no https address`);
  const body = JSON.stringify(messageOf(notice, given.address(), new Date().toISOString()));
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'x-bootmedic-event': notice.event,
    'x-bootmedic-delivery': deliveryId(notice, webhook),
    ...(target.secretSetting !== undefined && {
      'x-bootmedic-signature': signatureOf(body, given.secret(target.secretSetting), Date.now()),
    }),
  };
  const response = await post(url, body, headers);
  await response.body?.cancel().catch(() => {});
  if (response.ok) return { sent: true, why: '' };
  const { status } = response;
  const kind = status === 429 ? 'throttled' : status === 408 || status >= 500 ? 'transient' : 'fatal';
  const error = fail(kind, `Http${status}`, `webhook ${webhook} answered ${status}`);
  const wait = retryAfter(name => response.headers.get(name) ?? undefined);
  if (wait !== null) error.fault.retryAfterSeconds = given.clock.toServiceSeconds(wait);
  throw error;
};

/** A redirect is not followed: who could set one would read what is told. */
async function post(url: string, body: string, headers: Record<string, string>): Promise<Response> {
  try {
    return await fetch(url, { method: 'POST', body, headers, redirect: 'manual', signal: AbortSignal.timeout(patienceMs) });
  } catch (error) {
    // The address is a secret of its own: a Teams workflow's holds its signature.
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw fail('transient', 'notReached', withoutQueries(cause).replaceAll(url, 'the webhook'));
  }
}

function signatureOf(body: string, secret: string, now: number): string {
  const t = Math.floor(now / 1000);
  return `t=${t},v1=${createHmac('sha256', secret).update(`${t}.${body}`).digest('hex')}`;
}

const waiting = z.object({ customStatus: z.object({ state: z.literal('waiting-approval'), planHash: z.string() }) });

async function stillWaits(repairId: string, planHash: string | null, { client }: Given): Promise<boolean> {
  const status = waiting.safeParse(await client?.getStatus(repairId).catch(() => undefined)).data;
  return status !== undefined && status.customStatus.planHash === planHash;
}
