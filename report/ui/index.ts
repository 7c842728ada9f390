/** The live page: what repairs do now, as HTML that needs no JavaScript. Pure; the triggers bring the data (`functions/triggers/ui.ts`). */
import { hashOf, htmlEngine } from '../engine.ts';
import { fitting } from '../fit.ts';
import { style as reportStyle } from '../templates/style.ts';
import { type Confirmation, confirmPage } from './confirm.ts';
import { type Listing, listPage } from './list.ts';
import { type Live, repairPage } from './repair.ts';
import { script } from './script.ts';
import { type InForce, settingsPage } from './settings.ts';
import { liveStyle } from './style.ts';
import { liveTemplates } from './templates.ts';

export type { Confirmation } from './confirm.ts';
export type { Listing } from './list.ts';
export type { Live } from './repair.ts';
export type { InForce } from './settings.ts';

const html = htmlEngine(liveTemplates);
const style = reportStyle + liveStyle;

/** Content security policy of every page here: nothing inline but the two texts that are ours, nothing from elsewhere. */
export const livePolicy = [
  "default-src 'none'",
  "img-src 'self' data:",
  `style-src ${hashOf(style)}`,
  `script-src ${hashOf(script)}`,
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Milliseconds between two looks: where something moves, where nothing does, and where nothing ever will. */
const pace = { moving: 1500, still: 10_000, never: 0 };

function page(body: keyof typeof liveTemplates, title: string, here: string, poll: number, model: object): string {
  const tabs = [
    { name: 'Repairs', path: '/api/ui' },
    { name: 'Admission and settings', path: '/api/ui/settings' },
  ].map(tab => ({ ...tab, here: tab.path === here }));
  return html.render('@frame', { title, tabs, poll, body, page: model, style, script });
}

export function renderList(listing: Listing): string {
  const moving = listing.all.some(item => item.state !== 'ended');
  return fitting(measure => page('liveList', 'Repairs', '/api/ui', moving ? pace.moving : pace.still, listPage(listing, measure)));
}

export function renderRepair(live: Live): string {
  const poll = live.view.state === 'ended' ? pace.never : pace.moving;
  return fitting(measure => {
    const model = repairPage(live, measure);
    return page('liveRepair', `${model.badge.word}: ${model.vm}`, '', poll, model);
  });
}

export function renderConfirmation(confirmation: Confirmation): string {
  return fitting(measure => {
    const model = confirmPage(confirmation, measure);
    return page('liveConfirm', model.question, '', pace.never, model);
  });
}

export function renderSettings(inForce: InForce): string {
  return fitting(measure => page('liveSections', 'Admission and settings', '/api/ui/settings', pace.still, settingsPage(inForce, measure)));
}

export interface Trouble {
  title: string;
  detail: string;
  errors: { field: string; problem: string; remedy: string }[];
  back: string;
  backWord: string;
}

/** What could not be done, why, and the way back. */
export function renderTrouble(trouble: Trouble): string {
  return page('liveTrouble', trouble.title, '', pace.never, trouble);
}
