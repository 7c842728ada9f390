/** What tests ask a page. It is text, because the DOM's types are no part of this program. */

export const openAll = `for (const details of document.querySelectorAll('details')) details.open = true;`;

/** Elements that stick out to the right; the contents strip scrolls by itself, and what only a screen reader reads is clipped. */
export const stickingOut = `
[...document.querySelectorAll('body *')]
  .filter(element => !element.closest('nav,.skip,caption,thead') && element.getBoundingClientRect().right > innerWidth + 1)
  .map(element => element.outerHTML.slice(0, 120))`;

export const pictureSizes = `[...document.images].map(image => [image.complete, image.naturalWidth])`;

/** Breaks into the page as an injected script and picture would; true when the script ran. */
export const breakIn = `(async () => {
  const script = document.createElement('script');
  script.textContent = 'globalThis.pwned = true';
  const image = document.createElement('img');
  image.src = 'https://evil.example/p.png';
  const violated = new Promise(resolve => document.addEventListener('securitypolicyviolation', resolve, { once: true }));
  document.body.append(script, image);
  await violated;
  return 'pwned' in globalThis;
})()`;

/** For each page its elements with the names of their attributes, in order, as the browser's parser sees them. */
export const skeletonsOf = (pages: string[]) => `
${JSON.stringify(pages)}.map(html =>
  [...new DOMParser().parseFromString(html, 'text/html').querySelectorAll('*')]
    .map(element => [element.tagName, ...element.getAttributeNames()].join(' ')))`;

/** Counts what a screen reader would miss. */
export const accessibility = `(() => {
  const all = selector => [...document.querySelectorAll(selector)];
  const levels = all('h1,h2,h3,h4').map(heading => Number(heading.tagName[1]));
  const ids = all('[id]').map(element => element.id);
  const targets = element => (element.getAttribute('href')?.slice(1) ?? element.getAttribute('aria-labelledby')).split(' ');
  return {
    landmarks: ['header', 'nav[aria-label]', 'main', 'footer'].filter(selector => all(selector).length !== 1),
    skippedLevels: levels.filter((level, n) => level > (levels[n - 1] ?? 0) + 1),
    tablesWithoutCaption: all('table').filter(table => !table.caption?.textContent.trim()).length,
    withoutAlternative: all('img:not([alt]),svg:not([aria-hidden]):not([aria-labelledby])').length,
    sameIds: ids.length - new Set(ids).size,
    brokenReferences: all('a[href^="#"],[aria-labelledby]').filter(element => targets(element).some(id => !document.getElementById(id))).length,
    rolesLost: all('tr:not([role=row]),td:not([role=cell]),th:not([role=columnheader])').length,
  };
})()`;

/** Elements whose text has less contrast with its ground than WCAG AA asks of small text. */
export const poorContrast = `(() => {
  const channels = color => (color.match(/[\\d.]+/g) ?? []).map(Number);
  const luminance = color => {
    const [red, green, blue] = channels(color).map(value => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const ground = element => {
    if (element === null) return 'rgb(255,255,255)';
    const color = getComputedStyle(element).backgroundColor;
    return (channels(color)[3] ?? 1) === 0 ? ground(element.parentElement) : color;
  };
  const isText = element => !element.closest('svg') && [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
  return [...document.querySelectorAll('body *')].filter(isText).flatMap(element => {
    const [a, b] = [luminance(getComputedStyle(element).color), luminance(ground(element))];
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return contrast >= 4.5 ? [] : [contrast.toFixed(1) + ' ' + element.outerHTML.slice(0, 100)];
  });
})()`;

/** Cells of folded tables that nobody sees. */
export const hiddenCells = `
[...document.querySelectorAll('details table td:not(.empty)')].filter(cell => !cell.checkVisibility()).length`;

/** What scrolls, or is clipped, where nobody can scroll; what only a screen reader reads is clipped on purpose. */
export const cutOff = `
[...document.querySelectorAll('body *')]
  .filter(element => element.checkVisibility() && !element.closest('.sr,.skip,svg,caption,thead') && getComputedStyle(element).overflow !== 'visible')
  .filter(element => element.scrollHeight > element.clientHeight + 1 || element.scrollWidth > element.clientWidth + 1)
  .map(element => element.outerHTML.slice(0, 120))`;

/** Grounds that would take a page of ink: darker than a light grey. Pictures of a screen are as they are. */
export const darkGrounds = `
[document.documentElement, ...document.querySelectorAll('body, body *:not(img)')]
  .filter(element => element.checkVisibility())
  .map(element => [element, (getComputedStyle(element).backgroundColor.match(/[\\d.]+/g) ?? []).map(Number)])
  .filter(([, [red, green, blue, alpha = 1]]) => alpha > 0 && red + green + blue < 3 * 220)
  .map(([element]) => element.outerHTML.slice(0, 120))`;

/** Links that ink does not tell from other text, or whose text is empty. */
export const unreadableLinks = `
[...document.querySelectorAll('a')]
  .filter(link => link.checkVisibility() && !link.closest('.skip,.bar,.brand'))
  .filter(link => !getComputedStyle(link).textDecorationLine.includes('underline') || link.textContent.trim() === '')
  .map(link => link.outerHTML.slice(0, 120))`;

/** Millimetres that the style sheet leaves free at the edges of a printed page: top, right, bottom, left. */
export const pageMargins = `
[...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
  .flatMap(rule => [rule, ...(rule.cssRules ?? [])])
  .filter(rule => rule instanceof CSSPageRule)
  .flatMap(({ style }) => ['top', 'right', 'bottom', 'left'].map(side => parseFloat(style.getPropertyValue('margin-' + side))))`;
