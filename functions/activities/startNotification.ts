import type { DurableClient } from 'durable-functions';
import { toFault } from '../../azure/errors.ts';
import { NOTIFY } from '../names.ts';
import type { Activity } from './activity.ts';
import { deliveryId } from './notificationText.ts';

/**
 * Hands a notice to an orchestration of its own, which sends it: whoever does not answer holds up nobody's repair. The same notice has the
 * same id, so that it is handed over once. Whatever goes wrong is told and goes no further.
 */
export const startNotification: Activity<'startNotification'> = async ({ notice, afterSeconds }, { client, settings, log }) => {
  const wanted = settings.notifications.webhooks.flatMap(({ events }, webhook) => (events.includes(notice.event) ? [webhook] : []));
  if (client === undefined || wanted.length === 0) return { started: 0 };
  let started = 0;
  for (const webhook of wanted) {
    const instanceId = deliveryId(notice, webhook);
    try {
      if (await isThere(client, instanceId)) continue;
      await client.startNew(NOTIFY, { instanceId, input: { notice, webhook, afterSeconds } });
      started++;
    } catch (error) {
      log.warn({ fault: toFault(error), instanceId }, 'a notification could not be handed over');
    }
  }
  return { started };
};

/** Starting one that has ended would begin it anew. The SDK tells a missing instance by an error. */
async function isThere(client: DurableClient, instanceId: string): Promise<boolean> {
  return client.getStatus(instanceId).then(
    () => true,
    () => false,
  );
}
