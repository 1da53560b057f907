// One case in full. Built when it is looked at, not before: a run may have thousands.
'use strict';

W.link = (url, text = url) => (/^https?:\/\/[^\s]+$/i.test(url) ? W.h('a', { href: url, rel: 'noreferrer noopener' }, text) : W.h('span', null, text));
W.clauseLink = (requirement) => W.link(requirement.link, requirement.clause);

W.levelWord = (requirement) => requirement.level + (requirement.negative && requirement.level !== 'MAY' ? ' NOT' : '');

// The requirement that was judged first; that of a fault which the target made by itself stands before what the case is about.
W.judgedIds = (result) => [...new Set([result.requirement, ...result.covers].filter(Boolean))];
W.clauses = (result) => W.judgedIds(result).map((id) => {
  const requirement = W.data.requirements[id];
  if (!requirement) return W.h('div', { class: 'clause' }, W.h('code', null, id));
  return W.h('div', { class: 'clause' },
    W.h('div', { class: 'head' }, W.clauseLink(requirement),
      W.h('span', { class: 'chip' + (requirement.level === 'MUST' ? ' must' : '') }, W.levelWord(requirement)),
      W.h('code', { class: 'soft' }, id)),
    W.h('p', null, requirement.text));
});

// Folded when there are more than `open`.
W.requirementPart = (result, open) => {
  const clauses = W.clauses(result);
  if (!clauses.length) return [];
  if (clauses.length <= open) return [W.part(clauses.length === 1 ? 'Requirement' : 'Requirements', ...clauses)];
  return [W.h('section', null, W.h('details', { class: 'fold' }, W.h('summary', null, W.h('h2', null, W.plural(clauses.length, 'requirement'))), clauses))];
};

W.script = (result) => {
  const box = W.h('div', { class: 'script', 'data-v': result.verdict });
  result.script.replace(/\n$/, '').split('\n').slice(0, 2000).forEach((line, i) => {
    const hit = i + 1 === result.failing_line;
    box.append(W.h('div', { class: hit ? 'hit' : null },
      W.h('span', null, line.slice(0, 4000), hit ? W.h('span', { class: 'hidden' }, ' (this line was not met)') : null)));
  });
  return box;
};

W.caseFacts = (result) => {
  const timing = W.data.timing.details[result.id] || {};
  const duration = W.data.timing.cases[result.id];
  const facts = [];
  const add = (name, value) => { if (value !== null && value !== undefined && value !== '') facts.push(W.h('dt', null, name), W.h('dd', null, value)); };
  add('Duration', duration ? W.time(duration) : null);
  add('Came back after', timing.delays_ms ? timing.delays_ms.map((delay) => W.time(delay)).join(', ') : null);
  add('Close code', result.close_code);
  add('Repeated', result.repeats.length ? result.repeats.map(W.word).join(', ') : null);
  add('Baseline', result.baseline !== null ? 'expected: ' + result.baseline : result.unexpected_pass ? 'expects another verdict' : null);
  if (timing.cost) {
    add('Target CPU', W.time(timing.cost.cpu_s * 1000));
    add('Target memory', W.octets(timing.cost.memory_peak) + ' above the level before');
    add('Left behind', `${W.plural(timing.cost.descriptors, 'descriptor')}, ${W.plural(timing.cost.threads, 'thread')}`);
  }
  add('Autobahn', result.autobahn.join(', '));
  add('Tags', result.tags.length ? result.tags.map((tag) => W.h('span', { class: 'chip' }, tag.slice(0, 80))).flatMap((n) => [n, ' ']) : null);
  add('See', result.see.length ? result.see.flatMap((text) => [W.link(text), ' ']) : null);
  add('Source', result.source.file ? `${result.source.file}:${result.source.line}` : null);
  return facts.length ? W.h('dl', { class: 'facts' }, facts) : null;
};

// How long a reconnecting client stayed away, a bar for each time; the longest one gives the scale.
W.delays = (delays) => {
  const width = 26, height = 90, most = Math.max(...delays, 1);
  const shown = delays.slice(0, 64);
  const chart = W.h('svg', { class: 'delays', role: 'img', width: shown.length * width, height: height + 34,
    'aria-label': 'Delays before each new connection: ' + shown.map((delay) => W.time(delay)).join(', ') });
  shown.forEach((delay, i) => {
    const size = Math.max(1, Math.round(height * delay / most));
    const label = delay >= 9950 ? (delay / 1000).toFixed(0) : (delay / 1000).toFixed(delay >= 995 ? 1 : 2);
    chart.append(
      W.h('rect', { x: i * width + 3, y: 14 + height - size, width: width - 6, height: size, rx: 2 }),
      W.h('text', { x: i * width + width / 2, y: 10 + height - size }, label),
      W.h('text', { class: 'axis', x: i * width + width / 2, y: height + 28 }, String(i + 1)));
  });
  return W.h('figure', null, W.h('div', { class: 'scroll' }, chart),
    W.h('figcaption', { class: 'soft small' }, 'Seconds between the end of a connection and the next one, by the clock of the client.'));
};

W.part = (title, ...content) => W.h('section', null, W.h('h2', null, title), ...content);
W.bounded = (name, attributes, text) => W.cut(text, 6000, (shown) => W.h(name, attributes, shown));

W.detail = (result, steps) => {
  const timing = W.data.timing.details[result.id] || {};
  const page = W.h('article', { class: 'detail', 'data-v': result.verdict, tabindex: '-1', 'aria-labelledby': 'case-title' });
  page.append(W.h('header', null,
    W.h('a', { class: 'back', href: '#/cases' }, '← All cases'),
    W.h('p', { class: 'id' }, W.h('a', { href: W.anchor(result.id), title: 'Link to this case' }, result.id)),
    W.h('h1', { id: 'case-title' }, W.bounded('span', null, result.about || result.id)),
    W.h('div', { class: 'meta' }, W.badge(result.verdict),
      result.flaky ? W.h('span', { class: 'badge', 'data-v': 'weak' }, 'flaky') : null,
      result.target_died ? W.h('span', { class: 'badge', 'data-v': 'fail' }, 'target died') : null,
      result.baseline !== null ? W.h('span', { class: 'chip' }, 'known') : null,
      result.unexpected_pass ? W.h('span', { class: 'chip' }, 'not what the baseline expects') : null,
      W.causeOf.has(result.id) && W.causeOf.get(result.id).ids.length > 1 ? W.h('span', { class: 'chip', title: W.causeOf.get(result.id).cause }, `one of ${W.causeOf.get(result.id).ids.length} of its cause`) : null,
      W.h('span', { class: 'chip' + (result.level === 'MUST' ? ' must' : '') }, result.level),
      W.h('span', { class: 'soft small' }, result.clause.slice(0, 300))),
    result.reason ? W.h('p', { class: 'reason' }, W.bounded('span', null, result.reason)) : null,
    W.h('div', { class: 'actions no-print' },
      result.wire ? W.h('button', { type: 'button', id: 'copy-wire', onclick: () => W.copy(result.wire, 'Transcript') }, 'Copy transcript') : null,
      W.h('button', { type: 'button', id: 'copy-replay', title: result.replay, onclick: () => W.copy(result.replay, 'Replay command') }, 'Copy replay command'),
      W.h('button', { type: 'button', 'aria-label': 'Previous case', onclick: () => steps(-1) }, '↑'),
      W.h('button', { type: 'button', 'aria-label': 'Next case', onclick: () => steps(1) }, '↓'))));
  if (result.expected || result.actual)
    page.append(W.h('section', { class: 'versus', 'aria-label': 'Expected and actual' },
      W.h('div', { class: 'box' }, W.h('h3', null, 'Expected'), W.bounded('pre', null, result.expected || '(nothing)')),
      W.h('div', { class: 'box bad' }, W.h('h3', null, 'Actual'), W.bounded('pre', null, result.actual || '(nothing)'))));
  if ((timing.delays_ms || []).length > 1) page.append(W.part('Delays', W.delays(timing.delays_ms)));
  // Who looks at a crash wants its stack and what caused it, not the list of all that was not judged any more.
  const log = result.target_log ? W.part('The target printed', W.bounded('pre', { class: 'log' }, result.target_log)) : null;
  const beside = result.direct && result.direct.transcript.length > 0;
  const wire = beside ? W.part('On the wire', W.beside(result, timing))
    : result.transcript.length ? W.part('On the wire', W.exchange(result, timing.events_ms)) : null;
  if (result.target_died) page.append(...[log, wire].filter(Boolean), ...W.requirementPart(result, 0));
  else page.append(...W.requirementPart(result, 4), ...[wire].filter(Boolean));
  if (result.script) page.append(W.part('Script', W.script(result)));
  if (result.notes.length) page.append(W.part('Notes', W.h('ul', { class: 'plain' }, result.notes.map((text) => W.h('li', null, W.bounded('span', null, text))))));
  if (log && !result.target_died) page.append(log);
  const facts = W.caseFacts(result);
  if (facts) page.append(W.part('Facts', facts));
  return page;
};
