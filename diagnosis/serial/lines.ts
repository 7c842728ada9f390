/** Text of a terminal, in pieces -> its lines, without colours and control characters, each of bounded length. */

const esc = String.fromCharCode(27);
/** A cursor move stands where a line ends on a real terminal; a colour stands anywhere. OSC (a title) says nothing. */
const csi = new RegExp(`${esc}\\[[0-?]{0,32}[ -/]{0,4}([@-~])`, 'g');
const osc = new RegExp(`${esc}\\][^\\u0007${esc}\\n]{0,256}(?:\\u0007|${esc}\\\\)`, 'g');
const otherEscape = new RegExp(`${esc}[@-Z\\\\^_()c=>78]`, 'g');
const hasControls = /(?!\t)\p{Cc}/u;
const controls = /(?![\t\n])\p{Cc}/gu;

/** Longer lines are cut in pieces: a stop's lines have at most some hundred characters. */
const longest = 4096;

/** A backspace takes back the character before it. */
function rubbedOut(line: string): string {
  if (!line.includes('\b')) return line;
  const kept: string[] = [];
  for (const letter of line) letter === '\b' ? kept.pop() : kept.push(letter);
  return kept.join('');
}

/** Lines of a text that has control characters. A lone return begins the line anew: both its texts are kept, as two lines. */
const cleaned = (text: string): string[] =>
  text
    .replace(osc, '')
    .replace(csi, (_, final: string) => (final === 'm' ? '' : '\n'))
    .replace(otherEscape, '')
    .replace(/\r{1,8}\n/g, '\n')
    .replaceAll('\r', '\n')
    .split('\n')
    .map(line => rubbedOut(line).replace(controls, ''));

/** Where to cut a line that is too long: between words, or before a tag. */
function cutAt(line: string): number {
  const space = Math.max(line.lastIndexOf(' ', longest), line.lastIndexOf('<', longest));
  return space > longest / 2 ? space : longest;
}

export class Lines {
  #rest = '';
  readonly #tell: (line: string) => void;

  constructor(tell: (line: string) => void) {
    this.#tell = tell;
  }

  push(text: string): void {
    const all = this.#rest + text;
    const end = all.lastIndexOf('\n') + 1;
    if (end > 0) this.#read(all.slice(0, end - 1));
    this.#rest = all.slice(end);
    while (this.#rest.length > 4 * longest) {
      const cut = cutAt(this.#rest);
      this.#read(this.#rest.slice(0, cut));
      this.#rest = this.#rest.slice(cut);
    }
  }

  end(): void {
    this.#read(this.#rest);
    this.#rest = '';
  }

  #read(text: string): void {
    for (const raw of text.split('\n')) {
      const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
      for (const part of hasControls.test(line) ? cleaned(line) : [line]) this.#bounded(part);
    }
  }

  #bounded(line: string): void {
    let rest = line;
    while (rest.length > longest) {
      const cut = cutAt(rest);
      this.#tell(rest.slice(0, cut));
      rest = rest.slice(cut);
    }
    this.#tell(rest);
  }
}
