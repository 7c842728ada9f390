/**
 * The live page, as Eta templates over the report's partials. `<%= %>` escapes (`engine.ts`); `<%~ %>` is used only for what is ours by
 * construction: other templates, style sheet and script.
 */
const frame = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<link rel="icon" href="data:,">
<title><%= it.title %> · bootmedic</title>
<style><%~ it.style %></style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="bar"><div class="inner">
<a class="logo" href="/api/ui">bootmedic</a>
<nav aria-label="Pages"><ul>
<% it.tabs.forEach(tab => { %>
<li><a href="<%= tab.path %>"<% if (tab.here) { %> aria-current="page"<% } %>><%= tab.name %></a></li>
<% }) %>
</ul></nav>
<p id="connection" role="status"></p>
</div></header>
<main id="main" class="live" tabindex="-1" data-poll="<%= it.poll %>">
<%~ include('@' + it.body, it.page) %>
</main>
<footer><p>Times are UTC, and behind them yours where your browser tells it. Text in <code>this type</code> comes from a VM, its disk or Azure and may say anything.</p><noscript><p>Without JavaScript this page shows what was so when it was asked for: <a href="">look again</a>.</p></noscript></footer>
<script><%~ it.script %></script>
</body>
</html>
`;

const since = `<time datetime="<%= it.at.iso %>"><%= it.at.text %></time><span class="sub" data-ago="<%= it.at.iso %>"></span>`;

const list = `<h1>Repairs</h1>
<ul class="counts"><% it.counts.forEach(count => { %><li><strong><%= count.number %></strong> <%= count.word %></li><% }) %></ul>
<% if (it.waiting.length > 0) { %>
<section id="waiting" class="ask" aria-labelledby="waiting-title">
<h2 id="waiting-title">Waiting for a person</h2>
<ul>
<% it.waiting.forEach(row => { %>
<li id="ask-<%= row.id %>"><span><strong><%= row.vm %></strong><%= row.what %><% if (row.since) { %><br>Since <%~ include('@since', { at: row.since }) %><% } %></span> <a class="button" href="<%= row.path %>">Read the plan and decide<span class="sr"> about <%= row.vm %></span></a></li>
<% }) %>
<% if (it.alsoWaiting > 0) { %><li id="ask-more"><a href="/api/ui?state=waiting-approval">and <%= it.alsoWaiting %> more that wait</a></li><% } %>
</ul>
</section>
<% } %>
<section aria-labelledby="all-title">
<h2 id="all-title" class="sr">All repairs</h2>
<form class="filters" role="search" aria-label="Repairs" method="get" action="/api/ui">
<% it.filters.forEach(filter => { %>
<label><%= filter.label %><select name="<%= filter.name %>">
<% filter.options.forEach(option => { %><option value="<%= option.value %>"<% if (option.value === filter.chosen) { %> selected<% } %>><%= option.word %></option><% }) %>
</select></label>
<% }) %>
<label>VM<input name="vm" value="<%= it.vm %>" placeholder="name or part of it" maxlength="300"></label>
<button class="button" type="submit">Show</button>
</form>
<% if (it.rows.length === 0) { %>
<p class="nothing"><strong><%= it.nothing.title %></strong><%= it.nothing.text %><% if (it.filtered) { %> <a href="/api/ui">Show all repairs</a>.<% } %></p>
<% } else { %>
<table role="table" class="repairs">
<caption><%= it.caption %></caption>
<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col">VM</th><th role="columnheader" scope="col">State</th><th role="columnheader" scope="col">Found</th><th role="columnheader" scope="col">Asked for</th></tr></thead>
<tbody role="rowgroup">
<% it.rows.forEach(row => { %>
<tr role="row" id="<%= row.id %>"><td role="cell" data-label="VM"><div><a class="vm" href="<%= row.path %>"><%= row.vm %></a><br><span class="sub"><%= row.group %></span></div></td><td role="cell" data-label="State"><div><span class="tag <%= row.badge.tone %>"><%= row.badge.word %></span><% if (row.phase) { %> <strong><%= row.phase %></strong><% } %> <span class="sub what"><%= row.what %><% if (row.since) { %><span data-ago="<%= row.since.iso %>"></span><% } %></span></div></td><td role="cell" data-label="Found"<% if (!row.found) { %> class="empty"<% } %>><div><% if (row.found) { %><code><%= row.found %></code><% } %></div></td><td role="cell" data-label="Asked for"><div><time datetime="<%= row.asked.iso %>"><%= row.asked.text %></time><br><span class="sub">by <%= row.by %></span></div></td></tr>
<% }) %>
</tbody>
</table>
<nav class="pager" aria-label="Pages of the list"><% if (it.first) { %><a href="<%= it.first %>">First page</a><% } %><a href="/api/report">All on one page, the failures first</a><% if (it.next) { %><a href="<%= it.next %>">Older repairs</a><% } %></nav>
<% } %>
</section>
`;

const repair = `<section class="top <%= it.badge.tone %>">
<p class="brand"><a href="/api/ui">Repairs</a> / repair <code><%= it.id %></code></p>
<h1><span class="badge <%= it.badge.tone %>"><%~ include('@icon', { icon: it.badge.icon }) %><%= it.badge.word %></span> <span class="headline"><%= it.headline %></span></h1>
<%~ include('@facts', { facts: it.facts }) %>
<p id="announce" class="sr" aria-live="polite"><%= it.announce %></p>
<% if (it.phases.length > 0) { %>
<h2 class="sr">Phases</h2>
<ol class="phases"><% it.phases.forEach(phase => { %><li id="phase-<%= phase.key %>" class="<%= phase.state %>"<% if (phase.state === 'now') { %> aria-current="step"<% } %>><% if (phase.state === 'done') { %><span aria-hidden="true">✓</span><% } %><%= phase.name %><span class="sr">, <%= phase.words %></span><% if (phase.took) { %> <small><%= phase.took %></small><% } %></li> <% }) %></ol>
<% } %>
<% if (it.now) { %><p id="now"><strong>Now:</strong> <%= it.now.what %><% if (it.now.since) { %>, since <%~ include('@since', { at: it.now.since }) %><% } %></p><% } %>
<% if (it.links.length > 0) { %><ul class="links"><% it.links.forEach(link => { %><li><a href="<%= link.path %>"><%= link.word %></a></li><% }) %></ul><% } %>
<% if (it.cancel && !it.ask) { %><p class="actions"><a class="button danger" href="<%= it.cancel %>">Cancel this repair…</a></p><% } %>
</section>
<% if (it.said) { %><p class="note info" role="status"><%= it.said %></p><% } %>
<% if (it.ask) { %>
<section id="ask" class="ask" aria-labelledby="ask-title">
<h2 id="ask-title">A person is asked</h2>
<p><%= it.ask.what %><% if (it.ask.since) { %>, since <%~ include('@since', { at: it.ask.since }) %><% } %>.</p>
<p>Read the plan below before you decide. An approval is for this plan alone: <code><%= it.ask.hash %></code>.</p>
<% if (!it.ask.may) { %><p>You may read this; deciding needs the role <code>Repair.Approve</code>.</p><% } %>
<p class="actions"><% if (it.ask.may) { %><a class="button primary" href="<%= it.ask.approve %>">Approve…</a> <a class="button danger" href="<%= it.ask.reject %>">Reject…</a> <% } %><% if (it.cancel) { %><a class="button" href="<%= it.cancel %>">Cancel the repair…</a><% } %></p>
</section>
<% } %>
<% it.sections.forEach(section => { %>
<section id="<%= section.id %>" aria-labelledby="<%= section.id %>-title">
<h2 id="<%= section.id %>-title"><%= section.title %></h2>
<% section.blocks.forEach(block => { %>
<%~ include('@' + block.kind, { block, facts: block.facts }) %>
<% }) %>
</section>
<% }) %>
`;

const confirm = `<section class="top <%= it.tone %>">
<p class="brand"><a href="/api/ui">Repairs</a> / <a href="<%= it.back %>"><%= it.vm %></a></p>
<h1><%= it.question %></h1>
<%~ include('@facts', { facts: it.facts }) %>
<% it.blocks.forEach(block => { %>
<%~ include('@' + block.kind, { block, facts: block.facts }) %>
<% }) %>
<form method="post" action="<%= it.action %>">
<input type="hidden" name="csrf" value="<%= it.csrf %>">
<input type="hidden" name="planHash" value="<%= it.planHash %>">
<p class="actions"><button class="button primary <%= it.danger ? 'danger' : '' %>" type="submit" data-busy="Saying it…"><%= it.yes %></button> <a class="button" href="<%= it.back %>">No, go back</a></p>
</form>
</section>
`;

const sections = `<h1><%= it.title %></h1>
<% it.sections.forEach(section => { %>
<section id="<%= section.id %>" aria-labelledby="<%= section.id %>-title">
<h2 id="<%= section.id %>-title"><%= section.title %></h2>
<% section.blocks.forEach(block => { %>
<%~ include('@' + block.kind, { block, facts: block.facts }) %>
<% }) %>
</section>
<% }) %>
`;

const trouble = `<section class="top bad">
<h1><%= it.title %></h1>
<p><%= it.detail %></p>
<% if (it.errors.length > 0) { %><ul><% it.errors.forEach(error => { %><li><code><%= error.field %></code> <%= error.problem %>. What to do: <%= error.remedy %>.</li><% }) %></ul><% } %>
<p class="actions"><a class="button" href="<%= it.back %>"><%= it.backWord %></a></p>
</section>
`;

export const liveTemplates = {
  frame,
  since,
  liveList: list,
  liveRepair: repair,
  liveConfirm: confirm,
  liveSections: sections,
  liveTrouble: trouble,
};
