/** A notice as JSON: for programs under `bootmedic`, and as a message with an Adaptive Card, as a Teams workflow's webhook takes it. Pure. */
import type { Notice, NoticeEvent } from './notice.ts';

const titles: { [event in NoticeEvent]: string } = {
  'waiting-approval': 'A repair waits for approval',
  reminder: 'A repair still waits for approval',
  ended: 'A repair has ended',
  'needs-person': 'A repair needs a person',
};

/** The same for the same notice, however often it is tried: also what the receiver can tell a repetition by. */
export function deliveryId({ repairId, event, planHash, outcome }: Notice, webhook: number): string {
  return `${repairId}.${event}.${planHash?.slice(0, 12) ?? outcome ?? ''}.${webhook + 1}`;
}

const limit = 500;

/**
 * @param address of this app, without a slash at its end
 * Sources: adaptivecards.io/explorer (a TextRun, unlike a TextBlock, shows Markdown as it is), learn.microsoft.com/connectors/teams, "Post to a
 * channel when a webhook request is received".
 */
export function messageOf(notice: Notice, address: string, at: string): object {
  const { event, repairId, vmId, outcome, awaiting } = notice;
  // Of an end it is no plan: it tells two notices of one repair apart.
  const planHash = awaiting === null ? null : notice.planHash;
  const link = `${address}/api/repairs/${repairId}/report.html`;
  // Where it is decided, by a form: a link that is opened decides nothing.
  const decideAt = planHash === null ? null : `${address}/api/ui/repairs/${repairId}`;
  const [headline, finding, ...nextSteps] = [notice.headline, notice.finding, ...notice.nextSteps.slice(0, 5)].map(plain);
  const facts: [string, string][] = [
    ['VM', vmId.split('/').at(-1) ?? vmId],
    ['Found', finding ?? ''],
    ['Outcome', outcome ?? ''],
    ['Waits for', plain(awaiting ?? '')],
    ['To approve', planHash === null ? '' : `bootmedic${appOf(address)} approve ${repairId} --plan ${planHash.slice(0, 12)}`],
    ['Next', nextSteps.join(' ')],
  ];
  const lines = facts.filter(([, value]) => value !== '').map(([name, value]) => runs([`${name}: `, true], [value, false]));
  const card = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    body: [
      { type: 'TextBlock', text: titles[event], weight: 'Bolder', size: 'Medium', wrap: true },
      runs([headline ?? '', false]),
      ...lines,
    ],
    actions: [...(decideAt === null ? [] : [opens('Look and decide', decideAt)]), opens('Open the report', link)],
  };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content: card }],
    bootmedic: { event, at, repairId, vmId, outcome, headline, finding, planHash, awaiting, nextSteps, link, decideAt },
  };
}

const opens = (title: string, url: string) => ({ type: 'Action.OpenUrl', title, url });

/** The embedded host is found by its data folder. */
const appOf = (address: string) => (address.startsWith('https:') ? ` --app ${address}` : '');

function runs(...texts: [text: string, bold: boolean][]): object {
  return { type: 'RichTextBlock', inlines: texts.map(([text, bold]) => ({ type: 'TextRun', text, ...(bold && { weight: 'Bolder' }) })) };
}

/** Guests, tags and directories write part of it: one line, of bounded length, nothing that reorders or hides text. */
function plain(text: string): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
  return line.length > limit ? `${line.slice(0, limit - 1)}…` : line;
}
