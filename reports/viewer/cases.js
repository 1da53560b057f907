// The list of cases with its filters, and the chosen case beside it.
'use strict';

W.byId = new Map(W.data.results.map((result) => [result.id, result]));
W.filter = { text: '', verdicts: new Set(), topic: '', level: '', tag: '' };

// What the search looks at, in lower case; made once per case, when first searched.
W.haystack = (result) => {
  if (result.haystack === undefined) {
    const lines = result.transcript.map((event) => event.line.slice(0, 400) + ' ' + (event.decoded || '').slice(0, 400));
    result.haystack = [result.id, result.about, result.verdict, result.reason, result.clause, result.covers, result.tags, result.autobahn,
      result.notes, result.expected, result.actual, result.script.slice(0, 4000), result.target_log.slice(0, 4000), lines].flat().join('\n').toLowerCase();
  }
  return result.haystack;
};

W.matches = (result) => {
  const f = W.filter;
  if (f.verdicts.size && !f.verdicts.has(result.verdict)) return false;
  if (f.topic && result.topic !== f.topic) return false;
  if (f.level && result.level !== f.level) return false;
  if (f.tag && !result.tags.includes(f.tag)) return false;
  return f.text === '' || f.text.toLowerCase().split(/\s+/).every((word) => W.haystack(result).includes(word));
};

// In the order of the list: the red ones by cause, the gravest first; then topics as they first appear, the cases of
// one topic together.
W.causeOf = new Map(W.data.causes.flatMap((cause) => cause.ids.map((id) => [id, cause])));
W.ordered = [...W.data.causes.flatMap((cause) => cause.ids.map((id) => W.byId.get(id))),
  ...[...W.grouped(W.data.results.filter((result) => !W.causeOf.has(result.id)), (result) => result.topic).values()].flat()];
W.shown = () => W.ordered.filter(W.matches);
W.filtered = () => W.filter.text !== '' || W.filter.verdicts.size > 0 || W.filter.topic !== '' || W.filter.level !== '' || W.filter.tag !== '';
W.clearFilter = () => {
  W.filter = { text: '', verdicts: new Set(), topic: '', level: '', tag: '' };
  document.getElementById('search').value = '';
};

// The words of the search marked within `text`.
W.marked = (text) => {
  const word = W.filter.text.trim().split(/\s+/)[0];
  const at = word ? text.toLowerCase().indexOf(word.toLowerCase()) : -1;
  if (at < 0) return [text];
  return [text.slice(0, at), W.h('mark', null, text.slice(at, at + word.length)), text.slice(at + word.length)];
};

W.row = (result, current) => W.h('li', null,
  W.h('a', { href: W.anchor(result.id), 'aria-current': result.id === current ? 'true' : null },
    W.dot(result.verdict),
    W.h('span', null, W.h('code', null, ...W.marked(result.id.slice(0, 200))), W.h('span', { class: 'hidden' }, W.word(result.verdict)),
      W.h('span', null, ...W.marked((result.reason || result.about).slice(0, 200))))));

W.select = (label, key, values) => W.h('select', { 'aria-label': label, onchange: (event) => { W.filter[key] = event.target.value; W.updateCases(); } },
  W.h('option', { value: '' }, label), values.map((value) => {
    const option = W.h('option', { selected: W.filter[key] === value }, value);
    option.value = value;
    return option;
  }));

W.filters = () => {
  const counts = {};
  for (const result of W.data.results) counts[result.verdict] = (counts[result.verdict] || 0) + 1;
  const unique = (values) => [...new Set(values)].sort();
  return W.h('div', { class: 'filters' },
    W.h('div', { class: 'toggles', role: 'group', 'aria-label': 'Verdicts' }, W.verdicts.filter((v) => counts[v]).map((v) => W.h('button', {
      type: 'button', 'data-v': v, 'aria-pressed': W.filter.verdicts.has(v) ? 'true' : 'false',
      onclick: (event) => {
        if (!W.filter.verdicts.delete(v)) W.filter.verdicts.add(v);
        event.currentTarget.setAttribute('aria-pressed', W.filter.verdicts.has(v));
        W.updateCases();
      } }, W.dot(v), `${W.word(v)} ${counts[v]}`))),
    W.h('div', { class: 'selects' },
      W.select('Topic', 'topic', unique(W.data.results.map((r) => r.topic))),
      W.select('Level', 'level', ['MUST', 'SHOULD', 'MAY']),
      W.select('Tag', 'tag', unique(W.data.results.flatMap((r) => r.tags)))),
    W.h('div', { class: 'count' }, W.h('span', { id: 'count', role: 'status' }),
      W.h('button', { type: 'button', class: 'quiet', id: 'clear', hidden: true, onclick: () => { W.clearFilter(); W.keepList = false; W.showCases(W.current); } }, 'Clear filters')));
};

// The cases of one cause are one entry: the first, and the others folded.
W.causeRows = ([first, ...others]) => [W.row(first, W.current), others.length ? W.h('li', { class: 'fold' },
  W.h('details', { open: others.some((result) => result.id === W.current) }, W.h('summary', null, `${W.plural(others.length, 'more case')} of this cause`),
    W.h('ol', null, others.map((result) => W.row(result, W.current))))) : null].filter(Boolean);

// The list alone is rebuilt when a filter changes: rows are cheap, details are not made here.
W.updateCases = () => {
  const list = document.getElementById('list');
  if (!list) return;
  const shown = W.shown();
  const fragment = document.createDocumentFragment();
  const [red, rest] = [true, false].map((wanted) => shown.filter((result) => W.causeOf.has(result.id) === wanted));
  if (red.length) fragment.append(W.h('h3', { class: 'red' }, 'red'), W.h('ol', { 'aria-label': 'red' }, [...W.grouped(red, (result) => W.causeOf.get(result.id)).values()].flatMap(W.causeRows)));
  for (const [topic, results] of W.grouped(rest, (result) => result.topic))
    fragment.append(W.h('h3', null, topic), W.h('ol', { 'aria-label': topic }, results.map((result) => W.row(result, W.current))));
  if (!shown.length) fragment.append(W.h('p', { class: 'empty' }, 'No case matches.'));
  list.replaceChildren(fragment);
  document.getElementById('count').textContent = `${shown.length.toLocaleString('en')} of ${W.plural(W.data.results.length, 'case')}`;
  document.getElementById('clear').hidden = !W.filtered();
};

W.markCurrent = (id) => {
  const list = document.getElementById('list');
  const old = list.querySelector('[aria-current]');
  if (old) old.removeAttribute('aria-current');
  const row = [...list.querySelectorAll('a')].find((a) => a.getAttribute('href') === W.anchor(id));
  if (!row) return;
  row.setAttribute('aria-current', 'true');
  const fold = row.closest('details');
  if (fold) fold.open = true;
  row.scrollIntoView({ block: 'nearest' });
};

// Shows the list with the case `id`; without one, the first of the list stands beside it (but not on a phone).
W.showCases = (id) => {
  const main = document.getElementById('main');
  let split = document.getElementById('split');
  if (!split || !W.keepList) {
    split = W.h('div', { class: 'split', id: 'split' },
      W.h('aside', { class: 'side', 'aria-label': 'Cases' }, W.filters(), W.h('div', { class: 'list', id: 'list' })), W.h('div', { id: 'chosen' }));
    main.replaceChildren(split);
    W.current = id;
    W.updateCases();
  }
  W.keepList = true;
  const result = W.byId.get(id);
  split.classList.toggle('one', Boolean(result));
  const beside = result || W.shown()[0];
  W.current = beside ? beside.id : undefined;
  document.getElementById('chosen').replaceChildren(beside ? W.detail(beside, W.step) : W.h('p', { class: 'empty' }, 'Nothing chosen.'));
  if (W.current !== undefined) W.markCurrent(W.current);
  window.scrollTo(0, 0);
};

// The next (1) or previous (-1) case of the list.
W.step = (direction) => {
  const shown = W.shown();
  if (!shown.length) return;
  const at = shown.findIndex((result) => result.id === W.current);
  const inCases = Boolean(document.getElementById('split'));
  const next = at < 0 || !inCases ? 0 : Math.min(Math.max(at + direction, 0), shown.length - 1);
  location.hash = W.anchor(shown[next].id);
};
