/** The page's style sheet: light, dark, phone, print. Colours keep WCAG AA contrast on their grounds. */
export const style = `
:root{color-scheme:light dark;--ground:#f6f7f9;--paper:#fff;--ink:#1b2330;--soft:#55607080;--muted:#525d6e;--line:#d9dee6;--code:#eef1f5;--link:#0b57a4;
--good:#0b6b3a;--good-bg:#e3f4ea;--warn:#805000;--warn-bg:#fdf1d8;--bad:#a51d24;--bad-bg:#fce6e6;--info:#1f5490;--info-bg:#e5eef9;
--step:#4579b8;--script:#7a4fb5;--boot:#12805c;--fault:#c4312f;--hatch:#9aa5b5;--own:#9a6100;--down:#f4b9b1}
@media (prefers-color-scheme:dark){:root{--ground:#11151b;--paper:#191f28;--ink:#e6eaf0;--soft:#8f9bad80;--muted:#a3aebe;--line:#313a48;--code:#242c38;--link:#82b7f2;
--good:#74d6a0;--good-bg:#143425;--warn:#f0c368;--warn-bg:#3a2d10;--bad:#ff9c98;--bad-bg:#441b1d;--info:#93c0f4;--info-bg:#17304d;
--step:#5f96d8;--script:#a685e0;--boot:#3bb78b;--fault:#f0605c;--hatch:#68758a;--own:#e0b04f;--down:#6b2a2a}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;overflow-wrap:anywhere}
a{color:var(--link)}
a:focus-visible,pre:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-100vw}.skip:focus{left:1rem;top:1rem;background:var(--paper);padding:.5rem 1rem;z-index:1}
.inner,.page,footer{max-width:76rem;margin:0 auto;padding:0 1rem}
header{border-top:6px solid;padding:1rem 0 .5rem;background:var(--paper);border-bottom:1px solid var(--line)}
header.good{border-top-color:var(--good)}header.warn{border-top-color:var(--warn)}header.bad{border-top-color:var(--bad)}header.info{border-top-color:var(--info)}
.brand{margin:0 0 .5rem;color:var(--muted);font-size:.85rem}
h1{margin:0 0 .75rem;font-size:1.3rem;line-height:1.35;font-weight:600}
.badge{display:flex;width:fit-content;align-items:center;gap:.5rem;margin-bottom:.6rem;padding:.3rem .9rem .3rem .6rem;border-radius:2rem;font-size:1.15rem;font-weight:700}
.good .badge,.tag.good,.note.good{background:var(--good-bg);color:var(--good)}
.warn .badge,.tag.warn,.note.warn{background:var(--warn-bg);color:var(--warn)}
.bad .badge,.tag.bad,.note.bad{background:var(--bad-bg);color:var(--bad)}
.info .badge,.tag.info,.note.info{background:var(--info-bg);color:var(--info)}
.icon{flex:none}
.tag{display:inline-block;padding:0 .5em;border-radius:1em;font-size:.85em;font-weight:600}
.note{margin:.6rem 0;padding:.5rem .8rem;border-left:4px solid currentColor;border-radius:4px}
.note code{background:none;padding:0}
nav ul{display:flex;gap:.25rem 1rem;margin:.4rem 0 0;padding:0 0 .2rem;list-style:none;overflow-x:auto;white-space:nowrap;font-size:.9rem}
nav a{display:block;padding:.35rem 0}
main{min-width:0}
section{margin:0 0 1rem;scroll-margin-top:1rem;padding:1rem;background:var(--paper);border:1px solid var(--line);border-radius:8px}
h2{margin:0 0 .6rem;font-size:1.15rem}h3{margin:1.4rem 0 .4rem;font-size:1rem}h4{margin:1rem 0 .3rem;font-size:.95rem}
p{margin:.4rem 0}
ul,ol{margin:.4rem 0;padding-left:1.4rem}li{margin:.25rem 0}
#next{border-left:6px solid var(--link)}#next ol{font-size:1.05rem}
code,pre,td,dd,li,.headline{unicode-bidi:isolate}
code,pre{font-family:ui-monospace,"Cascadia Mono",Consolas,"DejaVu Sans Mono",monospace;font-size:.88em}
code{background:var(--code);padding:.05em .3em;border-radius:3px}
pre{margin:.2rem 0;padding:.6rem .7rem;background:var(--code);border-radius:6px;white-space:pre-wrap;max-height:24rem;overflow:auto}
figure{margin:.6rem 0}
figcaption,.read{color:var(--muted);font-size:.88rem;margin:.3rem 0}
figcaption strong{color:var(--ink)}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,20rem),1fr));gap:.35rem 1.5rem;margin:.5rem 0}
dt{color:var(--muted);font-size:.82rem}dd{margin:0}
.pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:1rem}
.pictures figure{margin:0;min-width:0;max-width:44rem}
img{display:block;width:100%;height:auto;border:1px solid var(--line);border-radius:6px;background:#000}
.absent{display:grid;place-items:center;aspect-ratio:16/9;margin:0;border:2px dashed var(--line);border-radius:6px;color:var(--muted)}
table{width:100%;border-collapse:collapse;margin:.6rem 0;font-size:.9rem}
caption{text-align:left;font-weight:600;padding:.3rem 0}
table.folded caption,thead.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line)}
th{color:var(--muted);font-size:.82rem;font-weight:600}
th{overflow-wrap:normal}td>div{min-width:5rem}td time,td .local,.tag,.whole{white-space:nowrap}.local{color:var(--muted)}td .local{display:block}
summary{cursor:pointer;padding:.4rem 0;font-weight:600;color:var(--link)}
.chart svg{display:block}
.chart text{fill:var(--ink);font-size:12px}.chart .axis{fill:var(--muted)}
.tick{stroke:var(--line);stroke-width:1}
rect.step{fill:var(--step);stroke:var(--step)}rect.script{fill:var(--script);stroke:var(--script)}
rect.boot{fill:var(--boot);stroke:var(--boot)}rect.fault{fill:var(--paper);stroke:var(--fault);stroke-width:2}
rect.own{fill:var(--paper);stroke:var(--own);stroke-width:2;stroke-dasharray:3 2}
rect.wait{fill:url(#hatch);stroke:var(--hatch);stroke-width:1}rect.hatch{fill:var(--hatch)}
rect.down{fill:var(--down);opacity:.45}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem}.legend svg{display:inline-block;vertical-align:-1px}
footer{color:var(--muted);font-size:.85rem;padding-bottom:2rem}
@media (min-width:64rem){
.page{display:grid;grid-template-columns:12rem minmax(0,1fr);gap:1.5rem}
nav ul{position:sticky;top:1rem;display:block;white-space:normal}
header dl{display:flex;flex-wrap:wrap;gap:.35rem 3rem}
h1{font-size:1.6rem}.inner,footer{padding:0 1.5rem}.page{padding:1rem 1.5rem}section{padding:1.1rem 1.4rem}}
@media screen and (max-width:46rem){
table,caption,tbody,tr,td{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{padding:.5rem 0;border-bottom:1px solid var(--line)}
td{display:grid;grid-template-columns:6.2rem minmax(0,1fr);gap:.5rem;border:0;padding:.1rem 0}
td.empty{display:none}
dl>div{display:grid;grid-template-columns:6.2rem minmax(0,1fr);gap:.5rem}dt{padding-top:.15rem}
td::before{content:attr(data-label);color:var(--muted);font-size:.82rem}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
@media print{
@page{margin:14mm 12mm}
:root{color-scheme:light;--ground:#fff;--paper:#fff;--ink:#000;--muted:#333;--line:#999;--code:#f2f2f2;--link:#000;
--good:#0b6b3a;--good-bg:#fff;--warn:#805000;--warn-bg:#fff;--bad:#a51d24;--bad-bg:#fff;--info:#1f5490;--info-bg:#fff;
--step:#4579b8;--script:#7a4fb5;--boot:#12805c;--fault:#c4312f;--hatch:#9aa5b5;--own:#9a6100;--down:#f4b9b1}
body{font-size:10pt}nav,.skip{display:none}.page{display:block}
section,.page section{border:0;border-top:1px solid #999;border-radius:0;padding:.6rem 0;margin:0}.page,.inner,footer{padding-left:0;padding-right:0}
.badge,.tag,.note{border:1px solid currentColor}
h2,h3,h4,caption,figcaption{break-after:avoid}tr,figure,dl div{break-inside:avoid}
pre{max-height:none}
td>div{min-width:3.5rem}td time,td .local,td .tag,td .whole{white-space:normal}
details::details-content{content-visibility:visible;block-size:auto}
.chart svg *,.badge,.tag{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
