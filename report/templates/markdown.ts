/**
 * The Markdown form (CommonMark with GitHub's tables), as Eta templates. `<%= %>` escapes for running text (`engine.ts`);
 * `it.span` and `it.fence` make code of what they are given, whatever it holds; `it.sign` is ours.
 */
export const markdown = `# <%~ it.sign %><%= it.report.title %>

**<%= it.report.headline %>**

<% it.report.notes.forEach(note => { -%>
> <%~ include('@runs', { runs: note.text }) %>

<% }) -%>
<%~ include('@facts', { facts: it.report.glance }) -%>
<% it.report.sections.forEach(section => { -%>

## <%= section.title %>

<% section.blocks.forEach(block => { -%>
<%~ include('@' + block.kind, { block, facts: block.facts }) -%>
<% }) -%>
<% }) -%>

---

bootmedic<% if (it.report.repairId) { %>, repair <%~ it.span(it.report.repairId) %><% } %>. Times are UTC<% if (it.report.timeZone) { %>, and in brackets as in <%= it.report.timeZone %><% } %>.
`;

/** One partial a kind of block, named as the block is. */
export const partials: Record<string, string> = {
  runs: `<% it.runs.forEach(run => { -%>
<% if (typeof run === 'string') { %><%= run %><% } else if ('code' in run) { %><%~ it.span(run.code) %><% } else if ('strong' in run) { %>**<%= run.strong %>**<% } else if ('time' in run) { %><%= run.time.text %><% if (run.time.local) { %> (<%= run.time.local %>)<% } %><% } else if ('tag' in run) { %>**<%= run.tag %>**<% } else if ('page' in run) { %><%~ it.span(run.word) %><% } else { %><<%~ run.link %>><% } -%>
<% }) -%>`,

  heading: `<% if (it.block.level === 3) { %>###<% } else { %>####<% } %> <%~ include('@runs', { runs: it.block.text }) %>

`,
  text: `<%~ include('@runs', { runs: it.block.text }) %>

`,
  note: `> <%~ include('@runs', { runs: it.block.text }) %>

`,
  list: `<% it.block.items.forEach((item, n) => { -%>
<% if (it.block.ordered) { %><%~ n + 1 %>.<% } else { %>-<% } %> <%~ include('@runs', { runs: item }) %>
<% }) -%>

`,
  facts: `<% it.facts.forEach(fact => { -%>
- <%= fact.name %>: <%~ include('@runs', { runs: fact.value }) %>
<% }) -%>

`,
  pre: `<%= it.block.label %>:

<%~ it.fence(it.block.text) %>

`,
  table: `<%= it.block.caption %>:

|<% it.block.columns.forEach(column => { %> <%= column %> |<% }) %>
|<% it.block.columns.forEach(() => { %> --- |<% }) %>
<% it.block.rows.forEach(row => { -%>
|<% row.forEach(cell => { %> <%~ include('@runs', { runs: cell }) %> |<% }) %>
<% }) -%>

`,
  pictures: `<% it.block.pictures.forEach(picture => { -%>
**<%= picture.label %>**: <%~ include('@runs', { runs: picture.about }) %>

<% if (picture.read) { -%>
<%~ it.fence(picture.read) %>

<% } -%>
<% }) -%>
`,
  chart: `<%= it.block.chart.description %>

`,
};
