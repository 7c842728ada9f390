/** Stop screens and boot manager pages: which code or name, how well it can be trusted, what is blamed. */
import type { ScreenLine } from '../ocr/types.ts';
import { type CatalogueEntry, knownCodes, recordOf, unreadBootError, unreadStop } from './catalogue.ts';
import { type CodeMatch, findCodes, findName, hasSibling, mayBeAnother } from './codes.ts';
import type { Failure } from './failure.ts';
import { likelyName } from './imageNames.ts';
import { endsWithLabel, plain, says, type Topic } from './languages/index.ts';
import type { Confidence, Region } from './types.ts';

/** Something on a line that names a failure. */
interface Mention {
  entry: CatalogueEntry;
  /** By its code, not by its name. */
  byCode: boolean;
  /** By a code that one misreading makes of another known one. */
  doubtful: boolean;
  /** The code or name stands there letter by letter and is known. */
  exact: boolean;
  /** Told by the text before it, or by the layout, to be the stop code or the status. */
  trusted: boolean;
  /** It may be a number beside the code, which says nothing of another failure. */
  aside: boolean;
  line: string;
  confidence: number;
  box: Region;
}

/** Tesseract's confidence in a line: below this it is often wrong in a letter. */
const wellRead = 80;
/** For a code that another known one differs from in one letter only. */
const wellReadWithSibling = 88;

/** The words right before a place, with the line above: a sentence wraps. */
const before = (lines: ScreenLine[], index: number, at: number) =>
  plain(`${at < 3 ? (lines[index - 1]?.text ?? '') : ''} ${lines[index]?.text.slice(0, at) ?? ''}`);

/** Any language's stop screen has a percentage, and its code after a colon. */
const hasPercentage = (lines: ScreenLine[]) => lines.some(({ text }) => /(?<!\d)\d{1,3}\s?%/.test(text));
const afterColon = (text: string, at: number) => /[:：]\s*$/.test(text.slice(0, at));

/** A bug check's parameters are twice as long as its code. */
const isNoParameter = ({ text }: CodeMatch) => text.length <= 14;

/** Written as no stop code is, or after another code: the list in brackets after it, also on the lines below. */
function isAside({ text, at }: CodeMatch, line: string, above: string, isFirst: boolean): boolean {
  const isInList = above.lastIndexOf('(') > above.lastIndexOf(')') && !line.slice(0, at).includes(')');
  return !isFirst || isInList || text.length > 11;
}

function mentions(lines: ScreenLine[], topic: Topic, kind: 'stop' | 'boot-status'): Mention[] {
  const layout = kind === 'stop' && hasPercentage(lines);
  return lines.flatMap(({ text, confidence, box }, index) => {
    const trusted = (at: number) => endsWithLabel(topic, before(lines, index, at)) || (layout && afterColon(text, at));
    const codes = findCodes(text)
      .filter(isNoParameter)
      .map((match: CodeMatch, which) => ({
        entry: match.entry ?? recordOf(match.code, kind),
        byCode: true,
        doubtful: mayBeAnother(match),
        exact: match.exact && match.entry !== null,
        trusted: trusted(match.at),
        aside: isAside(match, text, lines[index - 1]?.text ?? '', which === 0),
        line: text,
        confidence,
        box,
      }));
    const name = kind === 'stop' ? findName(text) : undefined;
    if (name === undefined) return codes;
    const { entry, exact } = name;
    return [
      { entry, byCode: false, doubtful: false, exact, trusted: trusted(name.at), aside: false, line: text, confidence, box },
      ...codes,
    ];
  });
}

function confidenceOf({ entry, byCode, doubtful, exact, trusted, confidence }: Mention, all: Mention[]): Confidence {
  // A code that nobody knows may be any misread one.
  if (byCode && !knownCodes.has(entry.code)) return 'possible';
  // The name beside it settles which of two codes it is.
  const settled = !doubtful || all.some(other => !other.byCode && other.exact && other.entry.code === entry.code);
  if (exact && trusted && settled && confidence >= (byCode && hasSibling(entry.code) ? wellReadWithSibling : wellRead)) return 'certain';
  return exact || trusted ? 'likely' : 'possible';
}

const byTrust = (a: Mention, b: Mention) =>
  Number(b.trusted) - Number(a.trusted) || Number(b.exact) - Number(a.exact) || b.confidence - a.confidence;

/** What a failure rests on: the screen's lines without the crumbs that Tesseract makes of a QR code. */
export const basisOf = (lines: ScreenLine[]): ScreenLine[] =>
  lines.filter(({ text, confidence }) => text.trim().length > 6 || confidence >= wellRead);

/** The lines it rests on as texts and as regions, the telling one first. */
function restsOn(lines: ScreenLine[], telling?: Mention): Pick<Failure, 'basis' | 'regions'> {
  const rest = basisOf(lines).filter(({ text }) => text !== telling?.line);
  return {
    basis: [...new Set([...(telling ? [telling.line] : []), ...rest.map(({ text }) => text)])],
    regions: [...(telling ? [telling.box] : []), ...rest.map(({ box }) => box)],
  };
}

/** The file a screen blames, by its known name where its letters were misread. */
function blamed(lines: ScreenLine[]): string | null {
  const name = nameBlamed(lines);
  return name === null ? null : likelyName(name);
}

/** After its label, else a name that ends like a driver's or program's. */
function nameBlamed(lines: ScreenLine[]): string | null {
  for (const { text } of lines) {
    const colon = text.search(/[:：]/);
    if (colon < 1 || !says('whatFailed', plain(text.slice(0, colon)))) continue;
    // The dot is easily lost.
    return (
      text
        .slice(colon + 1)
        .trim()
        .replace(/\s?[. ]\s?(?=(?:sys|exe|dll)$)/i, '.') || null
    );
  }
  const file = lines.map(({ text }) => /[\w~-]+\s?\.\s?(?:sys|exe|dll)\b/i.exec(text)?.[0]).find(name => name !== undefined);
  return file?.replaceAll(' ', '') ?? null;
}

/** The four numbers in brackets after an old stop screen's code. */
function parametersOf(lines: ScreenLine[]): string[] {
  const list = lines.map(({ text }) => /STOP:?\s*0x[0-9A-F]+\s*\(([^)]*)\)/i.exec(text)?.[1]).find(found => found !== undefined);
  return list?.match(/0x[0-9A-F]+/gi)?.slice(0, 4) ?? [];
}

/** Two codes of one record may have one name. */
const isAnother = (a: Mention, b: Mention) => a.entry.code !== b.entry.code && (a.byCode === b.byCode || a.entry.id !== b.entry.id);

/** Mentions of other failures than the one believed: told to be the code, or a stop's code or name letter by letter. */
function disagreements(best: Mention, all: Mention[]): string[] {
  const tells = ({ entry, trusted, exact, aside }: Mention) => trusted || (exact && !aside && entry.kind === 'stop');
  const others = all.filter(other => tells(other) && isAnother(other, best));
  const told = others.map(
    ({ entry, line }) => `the same screen also names ${[entry.code, entry.name].join(' ').trim()}: ${line.slice(0, 100)}`,
  );
  return [...new Set(told)];
}

function failureOf(best: Mention, all: Mention[], lines: ScreenLine[]): Failure {
  const contradictions = disagreements(best, all);
  return {
    entry: best.entry,
    confidence: contradictions.length > 0 ? 'possible' : confidenceOf(best, all),
    parameters: parametersOf(lines),
    whatFailed: blamed(lines),
    ...restsOn(lines, best),
    contradictions,
  };
}

const unread = (entry: CatalogueEntry, lines: ScreenLine[]): Failure => ({
  entry,
  confidence: 'possible',
  parameters: [],
  whatFailed: blamed(lines),
  ...restsOn(lines),
  contradictions: [],
});

/** A Windows that stopped shows nothing else: a window of a running one may show the picture or text of a stop. */
function doubtedBySignIn(failure: Failure, text: string): Failure {
  if (!says('signIn', text)) return failure;
  const contradictions = [...failure.contradictions, 'the same screen also shows the text of the sign-in screen'];
  return { ...failure, confidence: 'possible', contradictions };
}

/** The failure of a stop screen; undefined when it is none. `text` is the whole screen in plain form. */
export function stopFailure(lines: ScreenLine[], text: string): Failure | undefined {
  const sentence = says('stop', text);
  const all = mentions(lines, 'stopCode', 'stop').toSorted(byTrust);
  const [best] = all;
  if (best === undefined || !(sentence || best.trusted)) return sentence ? unread(unreadStop, lines) : undefined;
  const failure = doubtedBySignIn(failureOf(best, all, lines), text);
  if (sentence) return failure;
  // A stop screen in a language that is not known still has its percentage; what has neither only quotes a stop.
  if (!hasPercentage(lines)) return { ...failure, confidence: 'possible' };
  return best.entry.kind === 'stop' && knownCodes.has(best.entry.code) ? failure : undefined;
}

/** The failure of a boot manager page; undefined when it is none. */
export function bootFailure(lines: ScreenLine[], text: string): Failure | undefined {
  const page = says('bootManager', text);
  const all = mentions(lines, 'bootStatus', 'boot-status')
    .filter(({ entry }) => /^0xC/.test(entry.code))
    .toSorted(byTrust);
  const [best] = all;
  if (best !== undefined && (page || (best.trusted && best.entry.kind === 'boot-status' && best.exact))) {
    const file = lines.map(line => /[:：]\s*(\\\S.*)$/.exec(line.text)?.[1]?.trim()).find(path => path !== undefined);
    return {
      ...failureOf(best, all, lines),
      whatFailed: file ?? blamed(lines),
    };
  }
  return page ? unread(unreadBootError, lines) : undefined;
}
