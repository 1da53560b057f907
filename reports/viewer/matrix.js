// Targets x topics, the share that passed; then targets x cases, those first on which the targets differ.
'use strict';

W.kStep = 250;  // Rows shown at once; more on demand.
W.state = { text: '', only: 'differences', topic: '', column: -1, limit: W.kStep };
W.order = { topic: '', down: true };  // Of the table of totals: '' is the sum over all topics.

W.judged = (cell) => cell !== null && cell.verdict !== 'skipped' && cell.verdict !== 'not_run';
W.bad = (cell) => cell.verdict === 'fail' || cell.verdict === 'error';
W.rank = (cell) => (cell === null ? W.verdicts.length : W.verdicts.indexOf(cell.verdict));

// Per target and topic ('' is all): how many were judged, how many passed, how many are bad. Where the specifications
// are silent (info) nothing is passed or missed.
W.totals = W.data.targets.map((_, i) => {
  const sums = new Map();
  for (const row of W.data.cases) {
    const cell = row.cells[i];
    if (!W.judged(cell) || cell.verdict === 'info') continue;
    for (const topic of ['', row.topic]) {
      const sum = sums.get(topic) || { judged: 0, passed: 0, bad: 0, died: 0 };
      sum.judged++;
      if (cell.verdict === 'pass') sum.passed++;
      if (W.bad(cell)) sum.bad++;
      if (cell.target_died) sum.died++;
      sums.set(topic, sum);
    }
  }
  return sums;
});
W.topicNames = [...new Set(W.data.cases.map((row) => row.topic))].sort();
// Whole per cents, rounded down: 100 means all.
W.share = (sum) => (sum && sum.judged ? Math.floor(sum.passed * 100 / sum.judged) : -1);
W.isDead = (i) => W.data.targets[i].fatal !== '' || !W.totals[i].has('');

// The one target whose verdict no other has while all others agree; -1 without such a one.
W.odd = (cells) => {
  const by = W.grouped(cells.map((cell, i) => [cell, i]).filter(([cell]) => W.judged(cell)), ([cell]) => cell.verdict);
  if (by.size !== 2) return -1;
  const [a, b] = [...by.values()];
  if (a.length + b.length < 3) return -1;
  return a.length === 1 ? a[0][1] : b.length === 1 ? b[0][1] : -1;
};

// --- Totals

W.counted = ['fail', 'error', 'weak', 'inconclusive', 'pass'].filter((v) => W.data.targets.some((target) => target.verdicts[v]));

W.sorted = () => W.data.targets.map((_, i) => i).sort((a, b) => {
  const [x, y] = [a, b].map((i) => W.share(W.totals[i].get(W.order.topic)));
  return (W.isDead(a) - W.isDead(b)) || (W.order.down ? y - x : x - y) || a - b;
});

W.sumCell = (i, topic) => {
  const sum = W.totals[i].get(topic);
  const name = topic === '' ? 'all topics' : topic;
  if (!sum) return W.h('td', { class: topic === '' ? 'all none' : 'none', 'data-topic': name, title: `${W.data.targets[i].name}, ${name}: nothing was judged` }, '–');
  const share = W.share(sum);
  const words = `${W.data.targets[i].name}, ${name}: ${sum.passed} of ${sum.judged} pass, ${sum.bad} fail`;
  const button = W.h('button', { type: 'button', 'data-i': i, 'data-topic': topic, 'data-v': sum.bad ? 'fail' : share === 100 ? 'pass' : 'weak', title: words, 'aria-label': words }, String(share));
  button.style.setProperty('--part', `${100 - share}%`);
  return W.h('td', { class: topic === '' ? 'all' : share === 100 ? 'full' : null, 'data-topic': name }, button);
};

// Why a target is dead, or what killed it and was survived.
W.why = (i) => {
  const target = W.data.targets[i];
  const died = target.deaths.map(({ cause, cases }) => `${cause.replace(/^died: /, '')}${cases > 1 ? ` (${cases} cases)` : ''}`);
  if (target.fatal) return W.h('small', { class: 'dead' }, 'ended early: ' + target.fatal.slice(0, 300));
  if (!W.totals[i].has('')) return W.h('small', { class: 'dead' }, 'nothing was judged');
  return died.length ? W.h('small', { class: 'dead', title: died.join('\n') }, `died in ${W.plural(W.totals[i].get('').died, 'case')}: ${died[0].slice(0, 160)}`) : null;
};

W.sumRow = (i) => {
  const target = W.data.targets[i];
  const { verdicts } = target;
  const count = (v) => W.h('td', { class: 'count', 'data-v': v, title: W.meaning[v] }, verdicts[v] ? String(verdicts[v]) : '·');
  return W.h('tr', { class: W.isDead(i) ? 'gone' : null }, W.h('th', { scope: 'row' }, W.h('b', null, target.name), W.why(i)), W.counted.map(count), W.sumCell(i, ''), W.topicNames.map((topic) => W.sumCell(i, topic)));
};

W.sortBy = (topic) => {
  W.order = { topic, down: W.order.topic === topic ? !W.order.down : false };
  W.updateSums();
};
W.updateSums = () => {
  document.getElementById('sums').replaceChildren(...W.sorted().map(W.sumRow));
  document.querySelectorAll('#totals thead button').forEach((button) => {
    const here = button.dataset.topic === W.order.topic;
    button.closest('th').setAttribute('aria-sort', here ? (W.order.down ? 'descending' : 'ascending') : 'none');
  });
};

W.totalsTable = () => {
  const head = (topic, words, name) => W.h('th', { scope: 'col', class: name }, W.h('button', { type: 'button', 'data-topic': topic, title: 'Sort by ' + words, onclick: () => W.sortBy(topic) }, words));
  const table = W.h('table', { class: 'totals', id: 'totals' },
    W.h('thead', null, W.h('tr', null, W.h('th', { scope: 'col', class: 'first' }, 'Target'), W.counted.map((v) => W.h('th', { scope: 'col', class: 'count' }, W.h('b', null, W.word(v)), W.dot(v))), head('', 'all', 'all'), W.topicNames.map((topic) => head(topic, topic, 'topic')))),
    W.h('tbody', { id: 'sums' }));
  table.querySelector('tbody').addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (button) W.open(Number(button.dataset.i), button.dataset.topic);
  });
  return table;
};

// A cell of the totals leads to its cases, the worst of that target first.
W.open = (column, topic) => {
  W.change({ topic, column, only: 'all', text: '' });
  document.getElementById('search').value = '';
  document.getElementById('cases').scrollIntoView({ block: 'start' });
};

// --- Cases

W.rows = () => {
  const s = W.state;
  const words = s.text.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = W.data.cases.filter((row) => {
    if (s.only === 'differences' && !row.differs) return false;
    if (s.only === 'bad' && !row.cells.some((cell) => cell && W.bad(cell))) return false;
    if (s.topic && row.topic !== s.topic) return false;
    const hay = [row.id, row.about, row.clause, row.level].join('\n').toLowerCase();
    return words.every((word) => hay.includes(word));
  });
  if (s.column >= 0) kept.sort((a, b) => W.rank(a.cells[s.column]) - W.rank(b.cells[s.column]));
  else kept.sort((a, b) => b.differs - a.differs);
  return kept;
};

W.showCell = (row, index) => {
  const cell = row.cells[index];
  const box = (title, text) => (text ? W.h('div', { class: 'box' }, W.h('h3', null, title), W.h('pre', null, text)) : null);
  document.getElementById('cell-body').replaceChildren(
    W.h('p', { class: 'soft small' }, W.data.targets[index].name), W.h('h2', { id: 'cell-title' }, row.about || row.id), W.h('p', null, W.badge(cell.verdict), ' ', W.h('code', null, row.id)),
    W.h('p', null, cell.reason || ''), W.h('p', { class: 'soft small' }, [row.clause, row.level].filter(Boolean).join(', ')),
    ...[box('Expected', cell.verdict === 'pass' ? '' : row.expected), box('Actual', cell.actual)].filter(Boolean),
    W.h('p', { class: 'soft small' }, [cell.close_code !== undefined ? `close code ${cell.close_code}` : '', cell.target_died ? 'the target died' : '', cell.flaky ? 'flaky' : ''].filter(Boolean).join(', ')));
  document.getElementById('cell').showModal();
};

W.cell = (row, index) => {
  const cell = row.cells[index];
  const chosen = W.state.column === index ? 'chosen' : null;
  if (cell === null) return W.h('td', { 'aria-label': 'not planned', class: chosen });
  const name = `${W.data.targets[index].name}: ${W.word(cell.verdict)}`;
  return W.h('td', { class: chosen }, W.h('button', { type: 'button', 'data-v': cell.verdict, 'data-i': index, 'aria-label': name, title: name + (cell.reason ? `: ${cell.reason}` : '') }, W.dot(cell.verdict)));
};

W.few = W.data.targets.length <= 8;  // Room for what a case is about.
W.line = (row) => {
  const odd = W.odd(row.cells);
  const line = W.h('tr', null, W.h('th', { scope: 'row', class: 'case', title: row.about.slice(0, 300) }, W.h('code', null, row.id.slice(0, 120)),
    odd >= 0 ? W.h('small', { class: 'odd' }, 'only ' + W.data.targets[odd].name.slice(0, 40)) : null, W.few ? W.h('small', null, row.about.slice(0, 160)) : null), row.cells.map((_, i) => W.cell(row, i)));
  line.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (button) W.showCell(row, Number(button.dataset.i));
  });
  return line;
};

W.update = () => {
  const rows = W.rows();
  const shown = rows.slice(0, W.state.limit);
  document.getElementById('rows').replaceChildren(...shown.map(W.line));
  document.getElementById('count').textContent = `${rows.length.toLocaleString('en')} of ${W.plural(W.data.cases.length, 'case')}` + (shown.length < rows.length ? `, the first ${shown.length} shown` : '')
    + (W.state.column >= 0 ? `, by ${W.data.targets[W.state.column].name}` : '');
  document.getElementById('more').hidden = shown.length === rows.length;
  document.getElementById('topic').value = W.state.topic;
  document.querySelectorAll('#grid thead button').forEach((button, i) => button.setAttribute('aria-pressed', W.state.column === i));
  document.querySelectorAll('[data-only]').forEach((button) => button.setAttribute('aria-pressed', W.state.only === button.dataset.only));
};
W.change = (fields) => { Object.assign(W.state, { limit: W.kStep }, fields); W.update(); };

W.bar = () => {
  const differing = W.data.cases.filter((row) => row.differs).length;
  const only = (name, text) => W.h('button', { type: 'button', 'data-only': name, onclick: () => W.change({ only: name }) }, text);
  return W.h('div', { class: 'filters' }, only('differences', `Differences ${differing}`), only('bad', 'Any failure'), only('all', `All ${W.data.cases.length}`),
    W.h('select', { id: 'topic', 'aria-label': 'Topic', onchange: (event) => W.change({ topic: event.target.value }) }, W.h('option', { value: '' }, 'Topic'),
      W.topicNames.map((topic) => { const option = W.h('option', null, topic); option.value = topic; return option; })),
    W.h('span', { class: 'count', id: 'count', role: 'status' }));
};

W.grid = () => W.h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Verdicts by case and target' }, W.h('table', { class: W.few ? 'grid few' : 'grid', id: 'grid' },
  W.h('thead', null, W.h('tr', null, W.h('th', { class: 'case', scope: 'col' }, 'Case'), W.data.targets.map((target, i) => W.h('th', { scope: 'col' },
    W.h('button', { type: 'button', title: target.name, onclick: () => W.change({ column: W.state.column === i ? -1 : i }) }, target.name))))), W.h('tbody', { id: 'rows' })));

W.prints = () => W.h('table', { class: 'prints' },
  W.h('thead', null, W.h('tr', null, ['Target', 'Server', 'Extensions', 'Limit', 'Skipped', 'Took'].map((t) => W.h('th', { scope: 'col' }, t)))),
  W.h('tbody', null, W.data.targets.map((target) => {
    const print = target.fingerprint;
    return W.h('tr', null, W.h('td', null, W.h('b', null, target.name), W.h('div', { class: 'soft small' }, target.url.slice(0, 120))),
      W.h('td', null, print ? print.server_field.slice(0, 120) : ''), W.h('td', null, print ? print.extensions.slice(0, 160) : ''),
      W.h('td', null, print && print.message_limit !== null ? W.octets(print.message_limit) : ''), W.h('td', { class: 'num' }, target.verdicts.skipped ? String(target.verdicts.skipped) : ''),
      W.h('td', { class: 'num' }, W.time(target.duration_ms)));
  })));

W.title = () => {
  const { targets } = W.data;
  const dead = targets.filter((target, i) => W.isDead(i)).length;
  const died = targets.filter((target, i) => !W.isDead(i) && target.deaths.length).length;
  return [dead ? `${dead} of ${W.plural(targets.length, 'target')} ended early` : W.plural(targets.length, 'target'), died ? `${died} died of a case` : ''].filter(Boolean).join(', ');
};

W.start = () => {
  W.startTheme();
  const { targets, cases } = W.data;
  const differing = cases.filter((row) => row.differs).length;
  if (!differing) W.state.only = 'all';
  document.getElementById('main').replaceChildren(W.h('div', { class: 'page' },
    W.h('header', { class: 'hero' }, W.h('p', { class: 'eyebrow' }, 'Matrix'), W.h('h1', null, W.title()),
      W.h('p', { class: 'lead' }, `${W.plural(cases.length, 'case')} on each: the share of those judged that pass, in whole per cent; what the specifications leave open does not count. A number opens its cases, a heading sorts.`)),
    W.h('div', { class: 'legend', 'aria-hidden': 'true' }, W.h('span', { 'data-v': 'pass' }, W.dot('pass'), 'all pass'), W.h('span', { 'data-v': 'weak' }, W.dot('weak'), 'none fails, not all pass'), W.h('span', { 'data-v': 'fail' }, W.dot('fail'), 'some fail')),
    W.h('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': 'Share passed by target and topic' }, W.totalsTable()),
    W.h('section', { id: 'cases' }, W.h('h2', null, 'Cases', W.h('small', null, `${W.plural(differing, 'case')} on which the targets differ`)), W.bar(),
      W.h('div', { class: 'legend', 'aria-hidden': 'true' }, W.verdicts.map((v) => W.h('span', null, W.dot(v), W.word(v)))), W.grid(),
      W.h('p', null, W.h('button', { type: 'button', id: 'more', onclick: () => { W.state.limit += W.kStep; W.update(); } }, 'Show more'))),
    W.h('section', null, W.h('h2', null, 'Targets'), W.h('div', { class: 'prints-wrap' }, W.prints()))));
  const search = document.getElementById('search');
  search.addEventListener('input', () => W.change({ text: search.value }));
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById('cell').open) return;
    if (event.key === '/' && document.activeElement !== search) { event.preventDefault(); search.focus(); search.select(); }
    if (event.key === 'Escape') { if (document.activeElement === search) search.blur(); search.value = ''; W.change({ text: '' }); }
  });
  W.updateSums();
  W.update();
};
W.start();
