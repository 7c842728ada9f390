/** What the live page's style sheet has beyond the report's (`templates/style.ts`): its bar, list, phases and forms. */
export const liveStyle = `
.bar{border-top:0;padding:0;border-bottom:1px solid var(--line);background:var(--paper)}
.bar .inner{display:flex;flex-wrap:wrap;align-items:center;gap:.2rem 1.5rem}
.logo{padding:.6rem 0;font-weight:700;font-size:1.05rem;color:var(--ink);text-decoration:none}
.bar nav ul{position:static;display:flex;gap:.25rem;margin:0;padding:0}
.bar nav a{padding:.8rem .7rem .6rem;border-bottom:3px solid transparent;text-decoration:none}
.bar nav a[aria-current]{border-color:var(--link);font-weight:600;color:var(--ink)}
.bar nav a:hover{text-decoration:underline}
#connection{margin:0 0 0 auto;display:flex;align-items:center;gap:.45rem;color:var(--muted);font-size:.85rem}
#connection:not(:empty)::before{content:"";width:.6rem;height:.6rem;border-radius:50%;background:var(--boot)}
#connection.offline{width:100%;margin:0;padding:.5rem .8rem;border-radius:4px;background:var(--bad-bg);color:var(--bad);font-weight:600}
#connection.offline::before{background:var(--bad)}
.live{display:block;max-width:76rem;margin:0 auto;padding:1rem}
.live>h1{font-size:1.5rem;margin:.2rem 0 .8rem}
.live .headline{font-size:1.25rem;font-weight:600}
.counts{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;margin:0 0 1rem;padding:0;list-style:none;color:var(--muted)}
.counts strong{color:var(--ink)}
.top{border-top:6px solid var(--info)}.top.good{border-top-color:var(--good)}.top.warn{border-top-color:var(--warn)}.top.bad{border-top-color:var(--bad)}
.top h1{margin-bottom:.5rem}
.ask{border:2px solid var(--warn);background:var(--warn-bg)}
.ask h2{color:var(--warn)}
.ask ul{list-style:none;padding:0;margin:0}.ask li{display:flex;flex-wrap:wrap;gap:.3rem 1rem;align-items:center;padding:.4rem 0}
.ask li+li{border-top:1px solid var(--line)}.ask li>span{flex:1 1 16rem}
.actions{display:flex;flex-wrap:wrap;gap:.6rem;margin:.8rem 0 .2rem}
.button{display:inline-flex;align-items:center;min-height:2.75rem;padding:.4rem 1.1rem;border:2px solid var(--link);border-radius:6px;background:var(--paper);color:var(--link);font:inherit;font-weight:600;text-decoration:none;cursor:pointer}
.button:hover{text-decoration:underline}
.button.primary{background:var(--link);color:var(--paper)}
.button.danger{border-color:var(--bad);color:var(--bad)}.button.danger.primary{background:var(--bad);color:var(--paper)}
.button[aria-disabled]{opacity:.6;cursor:progress}
.button:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.filters{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:end;margin:0 0 .4rem}
.filters label{display:grid;gap:.15rem;font-size:.85rem;color:var(--muted)}
.filters label{flex:1 1 9rem;max-width:20rem}
input,select{min-height:2.75rem;width:100%;padding:.3rem .5rem;border:1px solid var(--muted);border-radius:6px;background:var(--paper);color:var(--ink);font:inherit}
.repairs td{padding-top:.55rem;padding-bottom:.55rem}
.repairs .vm{font-weight:600;font-size:1rem}
@media screen and (min-width:46rem){.repairs .vm,.repairs code{white-space:nowrap}}
.live .pictures figure{max-width:34rem}
.live time[data-local]::after{content:" (" attr(data-local) " yours)";color:var(--muted)}
.live td time[data-local]::after{content:"\\A(" attr(data-local) " yours)";white-space:pre}
.repairs .sub,.sub{color:var(--muted);font-size:.85rem}
.repairs .what{display:block;max-width:34rem}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.phases{display:flex;flex-wrap:wrap;gap:.4rem;margin:.6rem 0;padding:0;list-style:none}
.phases li{display:flex;align-items:center;gap:.4rem;margin:0;padding:.25rem .7rem;border:1px solid var(--line);border-radius:1rem;color:var(--muted);font-size:.9rem}
.phases .done{border-color:var(--good);color:var(--good)}
.phases .now{border:2px solid var(--info);background:var(--info-bg);color:var(--info);font-weight:700}
.phases .ahead{border-style:dashed}
.phases small{font-size:.8rem;font-weight:400}
.pager{display:flex;justify-content:space-between;gap:1rem;margin:.8rem 0}
.nothing{padding:2rem 1rem;text-align:center;color:var(--muted)}
.nothing strong{display:block;margin-bottom:.4rem;color:var(--ink);font-size:1.1rem}
.links{display:flex;flex-wrap:wrap;gap:.3rem 1.2rem;margin:.4rem 0;padding:0;list-style:none}
.live main section{scroll-margin-top:1rem}
.loading .bar::after{content:"";display:block;height:3px;background:linear-gradient(90deg,transparent,var(--link),transparent) 0 0/40% 100% no-repeat var(--line)}
.live .pictures img{min-height:6rem;color:#fff;font-size:.85rem}
@media (prefers-reduced-motion:no-preference){.loading .bar::after{animation:pass 1.2s linear infinite}@keyframes pass{from{background-position:-70% 0}to{background-position:170% 0}}.phases .now::before{content:"";width:.6rem;height:.6rem;border-radius:50%;background:currentColor;animation:beat 1.6s ease-in-out infinite}@keyframes beat{50%{opacity:.25}}}
@media (min-width:64rem){.bar nav ul{position:static;display:flex}.live{padding:1rem 1.5rem}}
@media screen and (max-width:46rem){.live{padding:.8rem}.filters label{flex-basis:40%;max-width:none}.repairs tr{padding:.7rem 0}.button{flex:1 1 auto;justify-content:center}}
@media print{.filters,.actions,.button,#connection,.bar nav{display:none}}
`;
