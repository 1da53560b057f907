// Targets x cases, those first on which the targets differ.
'use strict';

W.kStep = 250;  // Rows shown at once; more on demand.
W.state = { text: '', only: 'differences', topic: '', column: -1, limit: W.kStep };

W.judged = (cell) => cell !== null && cell.verdict !== 'skipped' && cell.verdict !== 'not_run';
W.rank = (cell) => (cell === null ? W.verdicts.length : W.verdicts.indexOf(cell.verdict));

// The one target whose verdict no other has while all others agree; -1 without such a one.
W.odd = (cells) => {
  const by = W.grouped(cells.map((cell, i) => [cell, i]).filter(([cell]) => W.judged(cell)), ([cell]) => cell.verdict);
  if (by.size !== 2) return -1;
  const [a, b] = [...by.values()];
  if (a.length + b.length < 3) return -1;
  return a.length === 1 ? a[0][1] : b.length === 1 ? b[0][1] : -1;
};

W.rows = () => {
  const s = W.state;
  const words = s.text.toLowerCase().split(/\s+/).filter(Boolean);
  const kept = W.data.cases.filter((row) => {
    if (s.only === 'differences' && !row.differs) return false;
    if (s.only === 'bad' && !row.cells.some((cell) => cell && (cell.verdict === 'fail' || cell.verdict === 'error'))) return false;
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
  if (cell === null) return W.h('td', { 'aria-label': 'not planned' });
  const name = `${W.data.targets[index].name}: ${W.word(cell.verdict)}`;
  return W.h('td', null, W.h('button', { type: 'button', 'data-v': cell.verdict, 'data-i': index, 'aria-label': name, title: name + (cell.reason ? `: ${cell.reason}` : '') }, W.dot(cell.verdict)));
};

W.line = (row) => {
  const odd = W.odd(row.cells);
  const line = W.h('tr', null, W.h('th', { scope: 'row', class: 'case' }, W.h('code', null, row.id.slice(0, 120)), W.h('small', null, row.about.slice(0, 120)),
    odd >= 0 ? W.h('small', { class: 'odd' }, 'only ' + W.data.targets[odd].name.slice(0, 40)) : null), row.cells.map((_, i) => W.cell(row, i)));
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
  document.getElementById('count').textContent = `${rows.length.toLocaleString('en')} of ${W.plural(W.data.cases.length, 'case')}` + (shown.length < rows.length ? `, the first ${shown.length} shown` : '');
  document.getElementById('more').hidden = shown.length === rows.length;
  document.querySelectorAll('#grid thead button').forEach((button, i) => button.setAttribute('aria-pressed', W.state.column === i));
  document.querySelectorAll('[data-only]').forEach((button) => button.setAttribute('aria-pressed', W.state.only === button.dataset.only));
};
W.change = (fields) => { Object.assign(W.state, { limit: W.kStep }, fields); W.update(); };

W.bar = () => {
  const differing = W.data.cases.filter((row) => row.differs).length;
  const only = (name, text) => W.h('button', { type: 'button', 'data-only': name, onclick: () => W.change({ only: name }) }, text);
  return W.h('div', { class: 'filters' }, only('differences', `Differences ${differing}`), only('bad', 'Any failure'), only('all', `All ${W.data.cases.length}`),
    W.h('select', { 'aria-label': 'Topic', onchange: (event) => W.change({ topic: event.target.value }) }, W.h('option', { value: '' }, 'Topic'),
      [...new Set(W.data.cases.map((row) => row.topic))].sort().map((topic) => { const option = W.h('option', null, topic); option.value = topic; return option; })),
    W.h('span', { class: 'count', id: 'count', role: 'status' }));
};

W.prints = () => W.h('table', { class: 'prints' },
  W.h('thead', null, W.h('tr', null, ['Target', 'Server', 'Extensions', 'Limit', 'Fail', 'Error', 'Weak', 'Pass', 'Skipped', 'Took'].map((t) => W.h('th', { scope: 'col' }, t)))),
  W.h('tbody', null, W.data.targets.map((target) => {
    const print = target.fingerprint;
    const num = (v) => W.h('td', { class: 'num' }, target.verdicts[v] ? String(target.verdicts[v]) : '');
    return W.h('tr', null, W.h('td', null, W.h('b', null, target.name), W.h('div', { class: 'soft small' }, target.fatal || target.url.slice(0, 120))),
      W.h('td', null, print ? print.server_field.slice(0, 120) : ''), W.h('td', null, print ? print.extensions.slice(0, 160) : ''),
      W.h('td', null, print && print.message_limit !== null ? W.octets(print.message_limit) : ''), num('fail'), num('error'), num('weak'), num('pass'), num('skipped'),
      W.h('td', { class: 'num' }, W.time(target.duration_ms)));
  })));

W.start = () => {
  W.startTheme();
  const { targets, cases } = W.data;
  const differing = cases.filter((row) => row.differs).length;
  if (!differing) W.state.only = 'all';
  document.getElementById('main').replaceChildren(W.h('div', { class: 'page' },
    W.h('header', { class: 'hero' }, W.h('p', { class: 'eyebrow' }, 'Matrix'), W.h('h1', null, `${W.plural(targets.length, 'target')}, ${W.plural(differing, 'difference')}`),
      W.h('p', { class: 'lead' }, `${W.plural(cases.length, 'case')} on each; a difference is a case that two targets were judged differently on. A column's head sorts by it, a mark tells more.`)),
    W.bar(), W.h('div', { class: 'legend', 'aria-hidden': 'true' }, W.verdicts.map((v) => W.h('span', null, W.dot(v), W.word(v)))),
    W.h('div', { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Verdicts by case and target' }, W.h('table', { class: 'grid', id: 'grid' },
      W.h('thead', null, W.h('tr', null, W.h('th', { class: 'case', scope: 'col' }, 'Case'), targets.map((target, i) => W.h('th', { scope: 'col' },
        W.h('button', { type: 'button', title: target.name, onclick: () => W.change({ column: W.state.column === i ? -1 : i }) }, target.name))))), W.h('tbody', { id: 'rows' }))),
    W.h('p', null, W.h('button', { type: 'button', id: 'more', onclick: () => { W.state.limit += W.kStep; W.update(); } }, 'Show more')),
    W.h('section', null, W.h('h2', null, 'Targets'), W.h('div', { class: 'prints-wrap' }, W.prints()))));
  const search = document.getElementById('search');
  search.addEventListener('input', () => W.change({ text: search.value }));
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById('cell').open) return;
    if (event.key === '/' && document.activeElement !== search) { event.preventDefault(); search.focus(); search.select(); }
    if (event.key === 'Escape') { if (document.activeElement === search) search.blur(); search.value = ''; W.change({ text: '' }); }
  });
  W.update();
};
W.start();
