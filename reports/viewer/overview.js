// The first page: what came out, what needs attention, where it lies, and what was tested. Also the requirements.
'use strict';

// Green is for a run without a failure. One that is as expected because a baseline knows its failures is not.
W.gateBadge = () => {
  const { summary, run, results } = W.data;
  const died = results.some((r) => r.target_died);
  if (summary.exit_code !== 0) return W.badge('fail', died ? 'target died' : summary.exit_code === 1 ? 'gate red' : `exit ${summary.exit_code}`);
  if (died || run.fatal) return W.badge('fail', 'target died, as known');
  return summary.expected_by_baseline ? W.badge('weak', 'nothing new') : W.badge('pass', 'gate green');
};

W.gateWords = () => {
  const { gate } = W.data.summary;
  const also = ['weak', 'info', 'inconclusive'].filter((v) => gate[v]);
  return 'Red are fail and error' + (also.length ? ', and here also ' + also.join(', ') : '') + (gate.allow_flaky ? '; flaky is allowed.' : '.');
};

W.tally = () => {
  const { verdicts } = W.data.summary;
  const bar = W.h('div', { class: 'bar', role: 'img', 'aria-label': W.verdicts.map((v) => `${verdicts[v]} ${W.word(v)}`).join(', ') });
  for (const v of W.verdicts) {
    if (!verdicts[v]) continue;
    const part = W.h('span', { 'data-v': v, title: `${verdicts[v]} ${W.word(v)}` });
    part.style.flex = `${verdicts[v]} 0 0`;
    bar.append(part);
  }
  const links = W.verdicts.map((v) => W.h('a', { href: '#/cases', class: verdicts[v] ? null : 'none', title: W.meaning[v],
    onclick: () => { W.clearFilter(); if (verdicts[v]) W.filter.verdicts.add(v); W.keepList = false; } },
    W.dot(v), W.h('b', null, verdicts[v].toLocaleString('en')), W.h('small', null, W.word(v))));
  return [bar, W.h('div', { class: 'tally' }, links)];
};

// Each cause once, the gravest first; the cases behind its first stand folded.
W.cause = ({ cause, ids }) => {
  const [r, ...others] = ids.map((id) => W.byId.get(id));
  return W.h('li', { 'data-v': r.verdict }, W.dot(r.verdict),
    W.h('div', null, W.h('a', { href: W.anchor(r.id) }, (r.about || r.id).slice(0, 300)), W.h('div', { class: 'why' }, r.reason.slice(0, 300)),
      r.target_died && cause.startsWith('died: ') ? W.h('div', { class: 'where' }, W.h('code', { class: 'stack' }, cause.slice(6, 300))) : null,
      W.h('div', { class: 'where' }, W.h('code', null, r.id.slice(0, 200)), W.h('span', null, r.clause.slice(0, 200)), r.flaky ? W.h('span', null, 'flaky') : null, W.h('span', { class: 'hidden' }, W.word(r.verdict))),
      others.length ? W.h('details', { class: 'also' }, W.h('summary', null, W.h('b', null, W.plural(ids.length, 'case')), ' of one cause'),
        W.h('div', { class: 'where' }, others.slice(0, 400).map((o) => W.h('a', { href: W.anchor(o.id) }, W.h('code', null, o.id.slice(0, 80)))),
          others.length > 400 ? W.h('span', null, `and ${others.length - 400} more`) : null)) : null));
};

W.attention = () => {
  const { causes, summary } = W.data;
  if (!causes.length) return null;
  return W.h('section', null, W.h('h2', null, 'Red verdicts', W.h('small', null, `${W.plural(causes.length, 'cause')}, ${W.plural(summary.red.length, 'case')}`)),
    W.h('ul', { class: 'red-list' }, causes.slice(0, 60).map(W.cause)),
    causes.length > 60 ? W.h('p', { class: 'soft small' }, `and ${W.plural(causes.length - 60, 'more cause')} in the list of cases`) : null);
};

// What the baseline expects, with its reasons: not red, and no success either.
W.known = () => {
  const groups = [...W.grouped(W.data.results.filter((r) => r.baseline !== null), (r) => r.verdict + r.baseline).values()];
  return groups.length ? W.h('section', null, W.h('h2', null, 'Known', W.h('small', null, W.plural(W.data.summary.expected_by_baseline, 'verdict') + ' that the baseline expects')),
    W.h('ul', { class: 'red-list' }, groups.slice(0, 100).map((list) => W.h('li', { 'data-v': list[0].verdict }, W.dot(list[0].verdict), W.h('div', null, list[0].baseline.slice(0, 300),
      W.h('div', { class: 'where' }, list.slice(0, 40).map((r) => W.h('a', { href: W.anchor(r.id) }, W.h('code', null, r.id.slice(0, 80)))), list.length > 40 ? W.h('span', null, `and ${list.length - 40} more`) : null)))))) : null;
};

// What a hop does that is no fault: a sentence each; what nobody measured stands behind the rest, once for each reason.
W.hopFacts = () => {
  const { facts } = W.data;
  if (!facts) return null;
  const unknown = W.grouped(facts.list.filter((fact) => !fact.measured), (fact) => fact.sentence);
  const rows = facts.list.filter((fact) => fact.measured).map((fact) => [fact.name, fact.sentence]);
  return W.h('section', { class: 'hop-facts' }, W.h('h2', null, 'What the hop does', W.h('small', null, 'measured; no fault')),
    facts.introduction.length ? W.h('p', null, facts.introduction.map((text, i) => W.h(i ? 'span' : 'b', null, `${text.charAt(0).toUpperCase()}${text.slice(1, 600)}. `))) : null,
    W.h('dl', { class: 'facts' }, rows.map(([name, sentence]) => [W.h('dt', null, W.h('code', null, name)), W.h('dd', null, sentence.slice(0, 600))]),
      [...unknown].map(([reason, list]) => [W.h('dt', { class: 'soft' }, list.map((fact) => [W.h('code', null, fact.name), ' '])), W.h('dd', { class: 'soft' }, reason.slice(0, 400))])));
};

W.absences = () => (W.data.absences.length ? W.h('section', null, W.h('h2', null, 'Not judged', W.h('small', null, 'and why')),
  W.h('ul', { class: 'plain' }, W.data.absences.slice(0, 40).map((text) => W.h('li', null, text.slice(0, 400))))) : null);

W.cells = (results) => W.h('div', { class: 'cells' }, results.map((r) => W.h('a', { href: W.anchor(r.id), 'data-v': r.verdict, title: `${r.id.slice(0, 200)}: ${W.word(r.verdict)}`,
  'aria-label': `${r.id.slice(0, 200)}: ${W.word(r.verdict)}` })));

W.sums = (results) => {
  const counts = {};
  for (const r of results) counts[r.verdict] = (counts[r.verdict] || 0) + 1;
  if (counts.pass === results.length) return `all ${counts.pass} pass`;
  return W.verdicts.filter((v) => counts[v]).map((v) => `${counts[v]} ${W.word(v)}`).join(' · ');
};

W.topics = () => W.h('section', null, W.h('h2', null, 'By topic', W.h('small', null, 'one mark per case')),
  W.h('div', { class: 'topics' }, [...W.grouped(W.data.results, (r) => r.topic)].map(([topic, results]) => W.h('div', { class: 'topic' },
    W.h('a', { href: '#/cases', onclick: () => { W.clearFilter(); W.filter.topic = topic; W.keepList = false; } }, topic.slice(0, 60)),
    W.cells(results), W.h('span', { class: 'sum' }, W.sums(results))))));

W.facts = (title, pairs) => {
  const rows = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return rows.length ? W.h('section', null, W.h('h2', null, title), W.h('dl', { class: 'facts' }, rows.map(([name, value]) => [W.h('dt', null, name), W.h('dd', null, value)]))) : null;
};

W.sideFacts = () => {
  const { run, summary, timing } = W.data;
  const print = run.fingerprint;
  const yes = (value) => (value ? 'yes' : 'no');
  return [
    W.facts('Target', [['Name', run.target], ['URL', run.url ? W.h('code', null, run.url) : null], ['Transport', run.transport],
      ...(print ? [[run.tested === 'client' ? 'User-Agent' : 'Server', print.server_field], ['Extensions', print.extensions], ['Subprotocols', print.subprotocols], ['Echoes', yes(print.echoes)], ['Speaks first', yes(print.greets)],
        ...(run.tested === 'client' ? [] : [['Checks Origin', yes(print.checks_origin)],
          ['Message limit', print.message_limit === null ? (print.limits_messages ? 'yes' : 'none found') : W.octets(print.message_limit)]]),
        ['Remarks', print.remarks.join('; ')]] : [['Fingerprint', 'not taken']])]),
    W.facts('Run', [['Planned', String(summary.planned)], ['Judged', String(summary.judged)], ['Skipped', String(summary.skipped)], ['Not run', String(summary.not_run)],
      ['Known', summary.expected_by_baseline ? `${summary.expected_by_baseline} expected by the baseline` : null], ['Flaky', summary.flaky ? String(summary.flaky) : null],
      ['Selection', run.filter], ['Shard', run.shard], ['Seed', String(run.seed)], ['Started', timing.started], ['Took', W.time(timing.duration_ms)], ['Jobs', String(timing.jobs)],
      ['Own CPU', W.time(timing.own_cpu_s * 1000)], ['Own memory', W.octets(timing.own_memory_peak)], ['Target CPU', timing.target_cpu_s === null ? null : W.time(timing.target_cpu_s * 1000)],
      ['wsspec', run.tool_version], ['Case set', run.caseset_version], ['Command', run.arguments.length ? W.h('code', null, run.arguments.join(' ')) : null]]),
  ];
};

W.staleList = () => {
  const stale = [...W.data.run.stale_baseline, ...W.data.results.filter((r) => r.unexpected_pass && r.verdict === 'pass').map((r) => `${r.id} passes, though the baseline expects otherwise`)];
  return stale.length ? W.h('section', null, W.h('h2', null, 'Stale baseline'), W.h('ul', { class: 'plain' }, stale.map((text) => W.h('li', null, text.slice(0, 400))))) : null;
};

W.showOverview = () => {
  const { run, outcome, summary } = W.data;
  document.getElementById('main').replaceChildren(W.h('div', { class: 'page' },
    W.h('header', { class: 'hero' },
      W.h('p', { class: 'eyebrow' }, 'Conformance of ', W.h('b', { class: 'as-is' }, (run.target || run.url || 'the target').slice(0, 200))),
      W.h('h1', null, summary.headline.slice(0, 600)),
      W.h('p', { class: 'lead' }, W.h('span', { class: 'gate' }, W.gateBadge()), ' ', outcome.slice(0, 600) + '. ', W.gateWords())),
    W.tally(),
    W.h('div', { class: 'columns' }, W.h('div', null, W.attention(), W.hopFacts(), W.staleList(), W.known(), W.topics(), W.absences()), W.h('aside', { 'aria-label': 'Target and run' }, W.sideFacts()))));
};

// Requirement -> cases -> level -> verdict.
W.showRequirements = () => {
  const covered = new Map();
  for (const result of W.data.results) for (const id of result.covers) covered.set(id, [...(covered.get(id) || []), result]);
  const ids = Object.keys(W.data.requirements).sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  const judged = (id) => (covered.get(id) || []).some((r) => r.verdict !== 'skipped' && r.verdict !== 'not_run');
  const worst = (id) => W.verdicts.find((v) => (covered.get(id) || []).some((r) => r.verdict === v)) || 'not_run';
  const level = (name) => {
    const all = ids.filter((id) => W.data.requirements[id].level === name);
    return all.length ? `${all.filter(judged).length} of ${all.length} ${name}` : null;
  };
  const body = W.h('tbody');
  let section;
  for (const id of ids) {
    const requirement = W.data.requirements[id];
    if (requirement.clause !== section) body.append(W.h('tr', null, W.h('td', { colspan: '4', class: 'section' }, W.clauseLink(requirement))));
    section = requirement.clause;
    body.append(W.h('tr', { id: 'requirement-' + id },
      W.h('td', null, W.badge(worst(id))), W.h('td', null, W.h('span', { class: 'chip' + (requirement.level === 'MUST' ? ' must' : '') }, W.levelWord(requirement))),
      W.h('td', null, requirement.text.slice(0, 2000), W.h('div', null, W.h('code', { class: 'soft' }, id))), W.h('td', null, W.cells(covered.get(id) || []))));
  }
  document.getElementById('main').replaceChildren(W.h('div', { class: 'page' },
    W.h('header', { class: 'hero' }, W.h('p', { class: 'eyebrow' }, 'Requirements'), W.h('h1', null, `${W.plural(ids.filter(judged).length, 'requirement')} judged`),
      W.h('p', { class: 'lead' }, [level('MUST'), level('SHOULD'), level('MAY')].filter(Boolean).join(', ') + ' of those that the selected cases cover. The verdict of a requirement is the worst of its cases.')),
    W.h('table', { class: 'tabled' }, W.h('thead', null, W.h('tr', null, ['Worst', 'Level', 'Requirement', 'Cases'].map((t) => W.h('th', { scope: 'col' }, t)))), body)));
};
