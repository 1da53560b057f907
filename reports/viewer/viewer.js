// The report page: which view the address names, and the keyboard. `#/` views, `#case-id` one case.
'use strict';

W.views = [['#/', 'Overview', W.showOverview], ['#/cases', 'Cases', () => W.showCases()], ['#/requirements', 'Requirements', W.showRequirements]];
if (W.limitSeries().size) W.views.push(['#/limits', 'Limits', W.showLimits]);

W.route = () => {
  let id = '';
  try { id = decodeURIComponent(location.hash.slice(1)); } catch { /* A broken address shows the overview. */ }
  const found = W.byId.has(id);
  const view = found ? W.views[1] : W.views.find(([address]) => address === location.hash) || W.views[0];
  document.querySelectorAll('#tabs a').forEach((a) => {
    if (a.getAttribute('href') === view[0]) a.setAttribute('aria-current', 'page');
    else a.removeAttribute('aria-current');
  });
  if (view !== W.views[1]) W.keepList = false;
  if (found) W.showCases(id);
  else view[2]();
  if (!found) window.scrollTo(0, 0);
};

W.typing = (target) => /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);

W.escape = (search) => {
  if (document.activeElement === search) {
    search.blur();
    return;
  }
  if (W.filtered()) {
    W.clearFilter();
    W.keepList = false;
    W.route();
    return;
  }
  if (document.getElementById('split')) location.hash = '#/cases';
};

W.keys = (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.getElementById('keys').open) return;
  const search = document.getElementById('search');
  if (event.key === 'Escape') return W.escape(search);
  if (W.typing(event.target)) {
    if (event.key === 'Enter' && event.target === search) { search.blur(); W.step(0); }
    return;
  }
  const actions = {
    j: () => W.step(1), k: () => W.step(-1),
    '/': () => { search.focus(); search.select(); },
    '?': () => document.getElementById('keys').showModal(),
    c: () => { const button = document.getElementById('copy-wire'); if (button) button.click(); },
  };
  if (!Object.hasOwn(actions, event.key)) return;
  event.preventDefault();
  actions[event.key]();
};

W.start = () => {
  W.startTheme();
  document.getElementById('tabs').append(...W.views.map(([address, name]) => W.h('a', { href: address }, name)));
  document.getElementById('legend').append(...W.verdicts.flatMap((v) => [W.h('dt', null, W.badge(v)), W.h('dd', null, W.meaning[v])]));
  document.getElementById('help').addEventListener('click', () => document.getElementById('keys').showModal());
  const search = document.getElementById('search');
  search.addEventListener('input', () => {
    W.filter.text = search.value.trim();
    if (document.getElementById('split')) W.updateCases();
    else { location.hash = '#/cases'; }
  });
  window.addEventListener('hashchange', W.route);
  document.addEventListener('keydown', W.keys);
  W.route();
};
W.start();
