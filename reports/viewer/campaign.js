// A fuzzing campaign: what was found, how fast, and how much of the target's behaviour was reached over time.
'use strict';

// One value over time as a line, with a mark where a finding was first seen.
W.chart = (points, found, label) => {
  const h = W.h, width = 520, height = 220, left = 58, right = 10, top = 14, bottom = 30;
  const end = Math.max(...points.map((p) => p[0]), 1), high = Math.max(...points.map((p) => p[1]), 1) * 1.08;
  const x = (ms) => left + (ms / end) * (width - left - right), y = (v) => top + (1 - v / high) * (height - top - bottom);
  const short = (v) => (v >= 1e6 ? (v / 1e6).toFixed(1) + ' M' : v >= 1e4 ? (v / 1e3).toFixed(0) + ' k' : v >= 10 || v === 0 ? v.toFixed(0) : v.toFixed(1));
  const svg = h('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': label });
  for (const part of [0, 0.5, 1])
    svg.append(h('line', { class: 'grid', x1: left, x2: width - right, y1: y(high * part / 1.08), y2: y(high * part / 1.08) }),
      h('text', { x: left - 8, y: y(high * part / 1.08) + 4, 'text-anchor': 'end' }, short(high * part / 1.08)),
      h('text', { x: x(end * part), y: height - 8, 'text-anchor': part === 0 ? 'start' : part === 1 ? 'end' : 'middle' }, part === 0 ? '0' : W.time(end * part)));
  for (const ms of found) svg.append(h('line', { class: 'found', x1: x(ms), x2: x(ms), y1: top, y2: height - bottom }));
  const line = points.map((p) => `${x(p[0]).toFixed(1)},${y(p[1]).toFixed(1)}`).join(' ');
  svg.append(h('path', { class: 'area', d: `M${x(points[0][0])},${y(0)} L${line.replaceAll(' ', ' L')} L${x(points.at(-1)[0])},${y(0)}Z` }), h('polyline', { class: 'series', points: line }));
  return svg;
};

W.charts = () => {
  const { samples } = W.data.timing;
  if (samples.length < 2) return null;
  const found = Object.values(W.data.timing.findings).map((f) => f.first_seen_ms);
  const speed = samples.slice(1).map((s, i) => [s.at_ms, (s.inputs - samples[i].inputs) * 1000 / Math.max(s.at_ms - samples[i].at_ms, 1)]);
  // The median: while the target hung or was restarted nothing could be sent, which says nothing about the speed.
  const busy = speed.map((p) => p[1]).filter((v) => v > 0).sort((a, b) => a - b);
  const usual = busy.length ? busy[Math.floor(busy.length / 2)] : 0;
  const words = usual >= 10 ? Math.round(usual).toLocaleString('en') : usual.toFixed(1);
  const figure = (title, value, points) => W.h('figure', null, W.h('figcaption', null, W.h('span', null, title), W.h('b', null, value)), W.chart(points, found, `${title} over time`));
  const out = [figure('Inputs per second, median', words, speed), figure('States reached', samples.at(-1).states.toLocaleString('en'), samples.map((s) => [s.at_ms, s.states]))];
  if (samples.at(-1).edges) out.push(figure('Edges of the target', samples.at(-1).edges.toLocaleString('en'), samples.map((s) => [s.at_ms, s.edges])));
  return W.h('div', { class: 'charts' }, out);
};

W.finding = (finding) => {
  const timing = W.data.timing.findings[finding.signature] || { hits: 0, first_seen_ms: 0 };
  const text = finding.reproducer;
  return W.h('article', { class: 'finding' }, W.h('h3', null, finding.message.slice(0, 600)),
    W.h('div', { class: 'meta' }, W.badge(finding.verdict), W.h('span', { class: 'chip' }, finding.cause.slice(0, 60)), finding.clause ? W.h('span', null, finding.clause.slice(0, 160)) : null, finding.stable ? null : W.h('span', { class: 'badge', 'data-v': 'weak' }, 'flaky'),
      W.h('span', null, `${W.plural(timing.hits, 'hit')}, first after ${W.time(timing.first_seen_ms)}`), W.h('code', null, finding.signature.slice(0, 160))),
    finding.log ? W.h('pre', { class: 'log', title: 'What the target printed last' }, finding.log.slice(-8000)) : null,
    W.h('pre', null, text.length > 20000 ? text.slice(0, 20000) + '\n…' : text),
    W.h('div', { class: 'actions' }, W.h('button', { type: 'button', onclick: () => W.copy(text, 'Reproducer') }, 'Copy reproducer'),
      W.h('button', { type: 'button', title: finding.replay, onclick: () => W.copy(finding.replay, 'Replay command') }, 'Copy replay command')));
};

// What a finding is filed under: what became of the target, else the clause.
W.heading = (finding) => ({ crash: 'The target died', sanitizer: 'The target died', hang: 'The target hung', memory: 'The target took memory' })[finding.cause]
  || finding.clause || (finding.cause.charAt(0).toUpperCase() + finding.cause.slice(1)).replaceAll('-', ' ');

W.start = () => {
  W.startTheme();
  const { campaign, findings, timing } = W.data;
  const fact = (name, value) => (value === '' || value === null ? null : [W.h('dt', null, name), W.h('dd', null, value)]);
  const groups = W.grouped(findings, W.heading);
  document.getElementById('main').replaceChildren(W.h('div', { class: 'page' },
    W.h('header', { class: 'hero' }, W.h('p', { class: 'eyebrow' }, 'Fuzzing of ', W.h('b', { class: 'as-is' }, (campaign.target || campaign.url).slice(0, 200))), W.h('h1', null, W.data.headline.slice(0, 600)),
      W.h('p', { class: 'lead' }, `${W.plural(timing.inputs, 'input')} in ${W.time(timing.duration_ms)}${campaign.interrupted ? ', interrupted' : ''} (exit ${campaign.exit_code}).`)),
    W.charts() || '',
    W.h('div', { class: 'columns' }, W.h('div', null, findings.length ? [...groups].map(([clause, list]) => W.h('section', null, W.h('h2', null, clause.slice(0, 160)), list.map(W.finding))) : W.h('p', { class: 'soft' }, 'No findings.')),
      W.h('aside', { 'aria-label': 'Campaign' }, W.h('section', null, W.h('h2', null, 'Campaign'), W.h('dl', { class: 'facts' }, [fact('Target', campaign.target), fact('URL', W.h('code', null, campaign.url)), fact('Engine', campaign.engine),
        fact('Seed', String(campaign.seed)), fact('Started', timing.started), fact('Took', W.time(timing.duration_ms)), fact('Inputs', timing.inputs.toLocaleString('en')), fact('Connections', timing.connections.toLocaleString('en')),
        fact('Corpus', timing.corpus.toLocaleString('en')), fact('wsspec', campaign.tool_version)].filter(Boolean)))))));
};
W.start();
