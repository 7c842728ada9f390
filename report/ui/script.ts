/**
 * The live page's script, which runs in the reader's browser: looks again without a reload, and tells times as the reader counts them.
 * The page needs none of it. What comes back is the same page, rendered and escaped by the same templates, so there is one renderer.
 */
export const script = `(() => {
'use strict';
const connection = document.getElementById('connection');
const main = () => document.getElementById('main');
const slowest = 30000;
let tag = '', failures = 0, since = null, timer = 0;

const units = [[86400, 'day'], [3600, 'hour'], [60, 'minute'], [1, 'second']];
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });
const ago = at => {
  const seconds = Math.round((at - Date.now()) / 1000);
  const [size, unit] = units.find(([size]) => Math.abs(seconds) >= size) || units[3];
  return relative.format(Math.trunc(seconds / size), unit);
};
const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
const inUtc = timeZone === 'UTC';
const zoned = inUtc ? '' : '?timeZone=' + encodeURIComponent(timeZone);
const clock = new Intl.DateTimeFormat('sv-SE', { dateStyle: 'short', timeStyle: 'medium' });
/** With the date where it is another one than in UTC. */
const local = iso => {
  const shown = clock.format(new Date(iso));
  return shown.slice(0, 10) === iso.slice(0, 10) ? shown.slice(11) : shown;
};
const decorate = () => {
  if (!inUtc) for (const time of document.querySelectorAll('time[datetime]')) time.dataset.local = local(time.dateTime);
  for (const link of document.querySelectorAll('a[href$="/report.html"],a[href$="/report.md"],a[href="/api/report"]')) link.search = zoned;
  for (const place of document.querySelectorAll('[data-ago]')) place.textContent = ' (' + ago(new Date(place.dataset.ago)) + ')';
};

const tell = (text, offline) => {
  if (connection.textContent === text) return;
  connection.textContent = text;
  connection.classList.toggle('offline', offline);
};

const setAttributes = (old, fresh) => {
  for (const { name } of [...old.attributes]) if (name !== 'open' && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
};
/** Makes the old tree like the fresh one and keeps what is the same, so that focus, selection and what is unfolded stay. */
const morph = (old, fresh) => {
  if (old.isEqualNode(fresh)) return;
  if (old.nodeType !== 1) { old.data = fresh.data; return; }
  setAttributes(old, fresh);
  const known = new Map([...old.children].filter(child => child.id).map(child => [child.id, child]));
  let at = old.firstChild;
  for (const next of [...fresh.childNodes]) {
    const same = at && !at.id && !next.id && at.nodeName === next.nodeName ? at : undefined;
    const match = next.id ? known.get(next.id) : same;
    if (!match) old.insertBefore(document.importNode(next, true), at);
    else {
      if (match === at) at = at.nextSibling;
      else old.insertBefore(match, at);
      morph(match, next);
    }
  }
  while (at) { const next = at.nextSibling; at.remove(); at = next; }
};

const look = async () => {
  const answer = await fetch(location.href, { headers: { accept: 'text/html', ...(tag && { 'if-none-match': tag }) }, cache: 'no-store', signal: AbortSignal.timeout(20000) });
  if (answer.status === 304) return;
  if (!answer.ok) throw new Error('status ' + answer.status);
  tag = answer.headers.get('etag') || '';
  const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const found = fresh.getElementById('main');
  if (!found) throw new Error('another page');
  document.title = fresh.title;
  morph(main(), found);
};
const wait = () => {
  clearTimeout(timer);
  const pace = Number(main().dataset.poll);
  if (pace > 0) timer = setTimeout(again, Math.min(slowest, pace * 2 ** failures));
};
const again = async () => {
  if (document.hidden) return;
  try {
    await look();
    failures = 0; since = null;
    tell('live', false);
  } catch {
    failures = Math.min(failures + 1, 5);
    since = since || new Date();
    tell('No answer since ' + since.toISOString().slice(11, 19) + ' UTC. What you see is from then; it is tried again by itself. Has your sign-in ended? Reload the page.', true);
  }
  decorate();
  wait();
};
document.addEventListener('visibilitychange', () => { if (!document.hidden) again(); });
addEventListener('online', again);
addEventListener('submit', event => {
  const button = event.submitter;
  if (!button || event.target.method !== 'post') return;
  if (button.hasAttribute('aria-disabled')) { event.preventDefault(); return; }
  button.setAttribute('aria-disabled', 'true');
  button.textContent = button.dataset.busy || button.textContent;
});
/** From a click to the page that it leads to: told, and shown by a bar, where it takes longer than a moment. */
let leaving = 0;
const leave = () => {
  clearTimeout(leaving);
  leaving = setTimeout(() => { document.body.classList.add('loading'); tell('Loading…', false); }, 250);
};
const stay = () => { clearTimeout(leaving); document.body.classList.remove('loading'); if (connection.textContent === 'Loading…') tell('', false); };
addEventListener('click', event => {
  const link = event.target.closest('a[href]');
  const here = !link || link.origin !== location.origin || link.target || (link.hash && link.pathname === location.pathname) || link.pathname.endsWith('/bundle');
  if (!here && !event.defaultPrevented && event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey)) leave();
});
addEventListener('submit', event => { if (!event.defaultPrevented) leave(); });
// Whoever stops the navigation, or comes back, stays.
addEventListener('keydown', event => { if (event.key === 'Escape') stay(); });
addEventListener('pageshow', () => { stay(); for (const button of document.querySelectorAll('button[aria-disabled]')) button.removeAttribute('aria-disabled'); });
setInterval(decorate, 1000);
decorate();
if (Number(main().dataset.poll) > 0) tell('live', false);
wait();
})();
`;
