/** Who is told of repairs. Addresses and secrets are named by their app settings: neither stands in the settings themselves. */
import { z } from 'zod';
import type { NoticeEvent } from './activities/contract.ts';
import type { Problem } from './problems.ts';

const settingName = z.string().refine(text => /^[A-Za-z][A-Za-z0-9_]{2,99}$/.test(text), {
  error: 'is not the name of an app setting',
  params: { remedy: 'give a name such as BOOTMEDIC_WEBHOOK_URL, and put the value itself there: it is a secret' },
});
const noticeEvents = ['waiting-approval', 'reminder', 'ended', 'needs-person'] as const satisfies NoticeEvent[];
export const notifications = z
  .strictObject({
    webhooks: z
      .array(
        z.strictObject({
          urlSetting: settingName,
          /** Signs what is sent; without it nothing is signed. */
          secretSetting: settingName.optional(),
          events: z.array(z.enum(noticeEvents)).default([...noticeEvents]),
        }),
      )
      .max(10)
      .default([]),
  })
  .prefault({});

/** What the settings name must be there at the start, not only when the first person should have been told. */
export function secretProblems({ webhooks }: z.infer<typeof notifications>, env: Record<string, string | undefined>): Problem[] {
  return webhooks.flatMap(({ urlSetting, secretSetting }) => [
    ...(isWebhook(env[urlSetting] ?? '')
      ? []
      : [
          {
            field: urlSetting,
            problem: 'holds no https address',
            remedy: 'set it to the address of the webhook (http only on this machine)',
          },
        ]),
    ...(secretSetting === undefined || (env[secretSetting] ?? '').length >= 16
      ? []
      : [{ field: secretSetting, problem: 'is missing or shorter than 16 characters', remedy: 'set it to a long random text' }]),
  ]);
}

/** Plain http stays on this machine. */
export function isWebhook(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname));
}
