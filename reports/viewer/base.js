// Shared by all pages: the data, elements, text made safe to look at, colours, the clipboard.
// Every string of the data may come from a hostile peer: it reaches the page through textContent only.
'use strict';
const W = {};

W.data = JSON.parse(document.getElementById('data').textContent);
W.verdicts = ['fail', 'error', 'weak', 'inconclusive', 'info', 'pass', 'skipped', 'not_run'];
W.words = { not_run: 'not run' };
W.meaning = {
  fail: 'a MUST was broken, or the target died', error: 'no verdict because of us or the network',
  weak: 'legal but poorer: a SHOULD not followed, a vague code', inconclusive: 'no judgement was possible',
  info: 'the specifications are silent: recorded only', pass: 'the required behaviour was seen',
  skipped: 'something it needs is absent', not_run: 'planned, but the run ended before it',
};
W.word = (verdict) => W.words[verdict] || verdict;

// Control, bidirectional and invisible characters in words; line feeds and tabs stay.
W.show = (text) => String(text).replace(
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
  (c) => (c.charCodeAt(0) < 256 ? '\\x' + c.charCodeAt(0).toString(16).padStart(2, '0') : '\\u{' + c.charCodeAt(0).toString(16) + '}'));

// h('a', {href: '#x', class: 'y'}, 'text', node, ...): strings become text, never markup; null and false are left out.
W.h = (name, attributes, ...children) => {
  const svg = W.h.svg.has(name);
  const node = svg ? document.createElementNS('http://www.w3.org/2000/svg', name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? '' : W.show(value));
  }
  for (const child of children.flat(2)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : W.show(child));
  }
  return node;
};
W.h.svg = new Set(['svg', 'path', 'g', 'circle', 'line', 'text', 'polyline', 'rect']);

W.dot = (verdict) => W.h('span', { class: 'dot', 'data-v': verdict, 'aria-hidden': 'true' });
W.badge = (verdict, text) => W.h('span', { class: 'badge', 'data-v': verdict }, W.dot(verdict), text || W.word(verdict));
W.plural = (n, one, many) => `${n.toLocaleString('en')} ${n === 1 ? one : many || one + 's'}`;

// Map: key -> the items that have it, keys and items in their order.
W.grouped = (items, key) => {
  const groups = new Map();
  for (const item of items) {
    if (!groups.has(key(item))) groups.set(key(item), []);
    groups.get(key(item)).push(item);
  }
  return groups;
};

W.time = (ms) => {
  if (ms < 0.0005) return '0 ms';
  if (ms < 10) return ms.toFixed(ms < 1 ? 2 : 1) + ' ms';
  if (ms < 1000) return ms.toFixed(0) + ' ms';
  if (ms < 60000) return (ms / 1000).toFixed(2) + ' s';
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min` + (seconds % 60 ? ` ${seconds % 60} s` : '');
};
W.octets = (n) => {
  const units = ['octets', 'KiB', 'MiB', 'GiB'];
  let i = 0;
  while (n >= 1024 && i < 3) { n /= 1024; i++; }
  return (i === 0 ? n : n.toFixed(n < 10 ? 1 : 0)) + ' ' + units[i];
};

W.say = (text) => {
  const toast = document.getElementById('toast');
  toast.textContent = text;
  clearTimeout(W.say.timer);
  W.say.timer = setTimeout(() => { toast.textContent = ''; }, 1800);
};

W.copy = async (text, what) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = W.h('textarea', { class: 'hidden' });  // Pages from file:// may lack the clipboard interface.
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  W.say(what + ' copied');
};

W.anchor = (id) => '#' + encodeURIComponent(id);

// Colours: as the system, light, dark. The choice is kept where the browser lets us.
W.themes = [['', '◐', 'as the system'], ['light', '○', 'light'], ['dark', '●', 'dark']];
W.setTheme = (name) => {
  const [theme, sign, words] = W.themes.find((t) => t[0] === name) || W.themes[0];
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  const button = document.getElementById('theme');
  button.textContent = sign;
  button.title = 'Colours: ' + words;
  button.setAttribute('aria-label', button.title);
  try { localStorage.setItem('wsspec-theme', theme); } catch { /* Forgotten at the next visit. */ }
};
W.startTheme = () => {
  let kept = '';
  try { kept = localStorage.getItem('wsspec-theme') || ''; } catch { /* As the system. */ }
  W.setTheme(kept);
  document.getElementById('theme').addEventListener('click', () => {
    const now = W.themes.findIndex((t) => t[0] === (document.documentElement.dataset.theme || ''));
    W.setTheme(W.themes[(now + 1) % W.themes.length][0]);
  });
};
document.querySelector('.skip').addEventListener('click', (event) => {
  event.preventDefault();
  document.getElementById('main').focus();
});
