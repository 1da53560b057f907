// Durations by size of the cases tagged `limit`: one line per family and kind, both axes logarithmic.
'use strict';

// "frame.size[text,64K]" -> {family: "frame.size[text]", size: 65536}; null without a size.
W.sized = (id) => {
  const match = /^([^[]*)\[(.*)\]$/.exec(id);
  if (!match) return null;
  const words = match[2].split(',');
  const at = words.findLastIndex((word) => /^\d+[KMG]?$/.test(word));
  if (at < 0) return null;
  const unit = { K: 1024, M: 1024 ** 2, G: 1024 ** 3 }[words[at].slice(-1)] || 1;
  const rest = words.filter((_, i) => i !== at).join(',');
  return { family: match[1] + (rest ? `[${rest}]` : ''), size: parseInt(words[at], 10) * unit };
};

W.limitSeries = () => {
  const series = new Map();
  for (const result of W.data.results) {
    const sized = result.tags.includes('limit') ? W.sized(result.id) : null;
    const ms = W.data.timing.cases[result.id];
    if (!sized || !(ms > 0)) continue;  // A skipped case has no duration.
    if (!series.has(sized.family)) series.set(sized.family, []);
    series.get(sized.family).push({ size: sized.size, ms, result });
  }
  for (const points of series.values()) points.sort((a, b) => a.size - b.size);
  return series;
};

W.limitChart = (series) => {
  const h = W.h, width = 920, height = 430, left = 70, right = 190, top = 16, bottom = 44;
  const points = [...series.values()].flat().filter((p) => p.result.verdict === 'pass');
  if (!points.length) return h('p', { class: 'soft' }, 'No size was served, so there is no line to draw.');
  const largest = Math.max(...points.map((p) => p.size), 1);
  const x = (size) => left + (Math.log2(size + 1) / Math.log2(largest + 1)) * (width - left - right);
  const low = Math.floor(Math.log10(Math.min(...points.map((p) => p.ms)))), high = Math.max(Math.ceil(Math.log10(Math.max(...points.map((p) => p.ms)))), low + 1);
  const y = (ms) => top + ((high - Math.log10(ms)) / (high - low)) * (height - top - bottom);
  const svg = h('svg', { class: 'chart', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': 'Duration by message size; the table below holds the numbers' });
  for (let power = low; power <= high; power++)
    svg.append(h('line', { class: 'grid', x1: left, x2: width - right, y1: y(10 ** power), y2: y(10 ** power) }), h('text', { x: left - 10, y: y(10 ** power) + 4, 'text-anchor': 'end' }, W.time(10 ** power)));
  for (const size of [0, 1024, 65536, 1048576, 16777216, 268435456].filter((s) => s <= largest))
    svg.append(h('line', { class: 'grid', x1: x(size), x2: x(size), y1: top, y2: height - bottom }), h('text', { x: x(size), y: height - bottom + 22, 'text-anchor': 'middle' }, W.octets(size)));
  svg.append(h('line', { class: 'axis', x1: left, x2: width - right, y1: height - bottom, y2: height - bottom }));
  const colours = ['--accent', '--fail', '--inconclusive', '--weak', '--pass', '--error', '--info'];
  let i = 0, lastLabel = -99;
  // A refusal takes no time and would look like speed: only sizes that were served are drawn.
  const served = [...series].map(([family, list]) => [family, list.filter((p) => points.includes(p))]).filter(([, list]) => list.length);
  const ends = served.sort((a, b) => y(a[1].at(-1).ms) - y(b[1].at(-1).ms));
  for (const [family, list] of ends) {
    const colour = `var(${colours[i % colours.length]})`;
    const line = h('polyline', { class: 'series', points: list.map((p) => `${x(p.size).toFixed(1)},${y(p.ms).toFixed(1)}`).join(' '), 'stroke-dasharray': i >= colours.length ? '5 3' : null });
    line.style.stroke = colour;
    svg.append(line);
    for (const p of list) {
      const circle = h('circle', { cx: x(p.size), cy: y(p.ms), r: 3.6 });
      circle.style.fill = colour;
      svg.append(circle);
    }
    lastLabel = Math.max(y(list.at(-1).ms) + 4, lastLabel + 15);
    const label = h('text', { x: width - right + 14, y: lastLabel }, family.slice(0, 28));
    label.style.fill = colour;
    svg.append(label);
    i++;
  }
  return svg;
};

W.showLimits = () => {
  const series = W.limitSeries();
  const rows = [...series].flatMap(([, points]) => points.map((p) => W.h('tr', null, W.h('td', null, W.h('a', { href: W.anchor(p.result.id) }, W.h('code', null, p.result.id))),
    W.h('td', { class: 'sum' }, W.octets(p.size)), W.h('td', { class: 'sum' }, W.time(p.ms)), W.h('td', null, W.badge(p.result.verdict)))));
  document.getElementById('main').replaceChildren(W.h('div', { class: 'page' },
    W.h('header', { class: 'hero' }, W.h('p', { class: 'eyebrow' }, 'Limits'), W.h('h1', null, 'How long sizes take'),
      W.h('p', { class: 'lead' }, 'Whole cases, handshake included, on the machine of this run: compare the shape of the lines, not the numbers of two machines.')),
    W.limitChart(series),
    W.h('section', null, W.h('h2', null, 'Numbers'), W.h('table', { class: 'tabled' }, W.h('thead', null, W.h('tr', null, ['Case', 'Size', 'Duration', 'Verdict'].map((t) => W.h('th', { scope: 'col' }, t)))), W.h('tbody', null, rows)))));
};
