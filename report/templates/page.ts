/**
 * The HTML page, as Eta templates. `<%= %>` escapes (`engine.ts`); `<%~ %>` is used only for what is ours by construction:
 * other templates, the style sheet and the addresses of pictures.
 */
export const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="<%= it.policy %>">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title><%= it.report.title %> · bootmedic<% if (it.report.repairId) { %> <%= it.report.repairId %><% } %></title>
<style><%~ it.style %></style>
</head>
<body>
<a class="skip" href="#<%= it.report.sections[0]?.id ?? 'main' %>">Skip to <%= it.report.sections[0]?.title ?? 'the report' %></a>
<header class="<%= it.report.badge.tone %>">
<div class="inner">
<p class="brand">bootmedic · report of <% if (it.report.repairId) { %>repair <code><%= it.report.repairId %></code><% } else { %>a fleet<% } %></p>
<h1><span class="badge"><%~ include('@icon', { icon: it.report.badge.icon }) %><%= it.report.badge.word %></span> <span class="headline"><%= it.report.headline %></span></h1>
<% it.report.notes.forEach(note => { %>
<p class="note <%= note.tone %>"><%~ include('@runs', { runs: note.text }) %></p>
<% }) %>
<%~ include('@facts', { facts: it.report.glance }) %>
</div>
</header>
<div class="page">
<nav aria-label="Contents"><ul>
<% it.report.sections.forEach(section => { %>
<li><a href="#<%= section.id %>"><%= section.title %></a></li>
<% }) %>
</ul></nav>
<main id="main">
<% it.report.sections.forEach(section => { %>
<section id="<%= section.id %>" aria-labelledby="<%= section.id %>-title">
<h2 id="<%= section.id %>-title"><%= section.title %></h2>
<% section.blocks.forEach(block => { %>
<%~ include('@' + block.kind, { block, facts: block.facts }) %>
<% }) %>
</section>
<% }) %>
</main>
</div>
<footer><p>Times are UTC<% if (it.report.timeZone) { %>, and in brackets as in <%= it.report.timeZone %><% } %>. Text in <code>this type</code> comes from the VM, its disk or Azure and may say anything. Invisible characters are shown as pictures or code points. <% if (it.report.repairId) { %>The JSON form of this report has everything uncut.<% } else { %>What is cut here is whole in each VM’s own report.<% } %></p></footer>
</body>
</html>
`;

/** One partial a kind of block, named as the block is. */
export const partials: Record<string, string> = {
  runs: `<% it.runs.forEach(run => { %>
<% if (typeof run === 'string') { %><%= run %><% } else if ('code' in run) { %><code<% if (run.whole) { %> class="whole"<% } %>><%= run.code %></code><% } else if ('strong' in run) { %><strong><%= run.strong %></strong><% } else if ('time' in run) { %><time datetime="<%= run.time.iso %>"><%= run.time.text %></time><% if (run.time.local) { %> <span class="local">(<%= run.time.local %>)</span><% } %><% } else if ('tag' in run) { %><span class="tag <%= run.tone %>"><%= run.tag %></span><% } else if ('page' in run) { %><a<% if (run.word.length < 24) { %> class="whole"<% } %> href="<%= run.page %>"><%= run.word %></a><% } else { %><a href="<%= run.link %>" rel="noopener noreferrer"><%= run.link %></a><% } %>
<% }) %>`,

  heading: `<h<%= it.block.level %>><%~ include('@runs', { runs: it.block.text }) %></h<%= it.block.level %>>
`,
  text: `<p><%~ include('@runs', { runs: it.block.text }) %></p>
`,
  note: `<p class="note <%= it.block.tone %>"><%~ include('@runs', { runs: it.block.text }) %></p>
`,
  list: `<% const name = it.block.ordered ? 'ol' : 'ul'; %>
<<%= name %>>
<% it.block.items.forEach(item => { %>
<li><%~ include('@runs', { runs: item }) %></li>
<% }) %>
</<%= name %>>
`,
  facts: `<dl>
<% it.facts.forEach(fact => { %>
<div><dt><%= fact.name %></dt><dd><%~ include('@runs', { runs: fact.value }) %></dd></div>
<% }) %>
</dl>
`,
  pre: `<figure class="pre"><figcaption><%= it.block.label %></figcaption><pre tabindex="0"><%= it.block.text %></pre></figure>
`,
  // The roles say again what the elements mean: on a phone the style sheet lays rows out as blocks, which would lose it.
  table: `<% if (it.block.folded) { %><details><summary><%= it.block.caption %></summary><% } %>
<table role="table"<% if (it.block.folded) { %> class="folded"<% } %>>
<caption><%= it.block.caption %></caption>
<thead role="rowgroup"><tr role="row"><% it.block.columns.forEach(column => { %><th role="columnheader" scope="col"><%= column %></th><% }) %></tr></thead>
<tbody role="rowgroup">
<% it.block.rows.forEach(row => { %>
<tr role="row"><% row.forEach((cell, n) => { %><td role="cell"<% if (cell.length === 0) { %> class="empty"<% } %> data-label="<%= it.block.columns[n] %>"><div><%~ include('@runs', { runs: cell }) %></div></td><% }) %></tr>
<% }) %>
</tbody>
</table>
<% if (it.block.folded) { %></details><% } %>
`,
  pictures: `<div class="pictures">
<% it.block.pictures.forEach(picture => { %>
<figure>
<figcaption><strong><%= picture.label %></strong> <%~ include('@runs', { runs: picture.about }) %></figcaption>
<% if (picture.image) { %><img alt="<%= picture.alt %>" src="<%~ picture.image.address %>"><% } else { %><p class="absent">no picture</p><% } %>
<% if (picture.read) { %><p class="read">Text read from it</p><pre tabindex="0"><%= picture.read %></pre><% } %>
</figure>
<% }) %>
</div>
`,
  chart: `<% const chart = it.block.chart; %>
<figure class="chart">
<svg role="img" aria-labelledby="chart-title chart-text" width="100%" height="<%= chart.height %>">
<title id="chart-title"><%= chart.title %></title>
<desc id="chart-text"><%= chart.description %></desc>
<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch" width="2" height="6"></rect></pattern></defs>
<% if (chart.down) { %><rect class="down" x="<%= chart.down.x %>" y="0" width="<%= chart.down.width %>" height="<%= chart.height - 20 %>"></rect><% } %>
<% chart.ticks.forEach(tick => { %>
<line class="tick" x1="<%= tick.x %>" x2="<%= tick.x %>" y1="0" y2="<%= chart.height - 20 %>"></line>
<text class="axis" x="<%= tick.x %>" y="<%= chart.height - 5 %>" text-anchor="<%= tick.anchor %>"><%= tick.label %></text>
<% }) %>
<% chart.rows.forEach(row => { %>
<text class="row" x="2" y="<%= row.y + 12 %>"><%= row.label %></text>
<% row.bars.forEach(bar => { %>
<rect class="<%= bar.kind %>" x="<%= bar.x %>" y="<%= row.y + 17 %>" width="<%= bar.width %>" height="11"><title><%= bar.title %></title></rect>
<% }) %>
<% }) %>
</svg>
<figcaption class="legend"><% chart.legend.forEach(entry => { %><span><svg aria-hidden="true" width="18" height="11"><rect class="<%= entry.kind %>" x="1" y="1" width="16" height="9"></rect></svg> <%= entry.word %></span> <% }) %></figcaption>
</figure>
`,
  icon: `<svg class="icon" aria-hidden="true" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="2.5" stroke-linecap="round" stroke-linejoin="round">
<% if (it.icon === 'check') { %><circle cx="12" cy="12" r="10"></circle><path d="M7 12.5l3.5 3.5L17 9"></path><% } %>
<% if (it.icon === 'warning') { %><path d="M12 2.5L23 21.5H1z"></path><path d="M12 9.5v5M12 18v.01"></path><% } %>
<% if (it.icon === 'stop') { %><path d="M7.8 2h8.4L22 7.8v8.4L16.2 22H7.8L2 16.2V7.8z"></path><path d="M8.5 8.5l7 7M15.5 8.5l-7 7"></path><% } %>
<% if (it.icon === 'back') { %><path d="M9 4L3 10l6 6"></path><path d="M3 10h11a6.5 6.5 0 010 13h-3" transform="translate(0 -2)"></path><% } %>
<% if (it.icon === 'info') { %><circle cx="12" cy="12" r="10"></circle><path d="M12 11v6M12 7v.01"></path><% } %>
</svg>`,
};
