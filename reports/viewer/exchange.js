// The exchange on the wire as two lanes: the client on the left, the target on the right, time running down. Where the target is a hop it
// has the middle, between our client and our server.
'use strict';

W.opcodes = { 0: 'cont', 1: 'text', 2: 'binary', 8: 'close', 9: 'ping', 10: 'pong' };

// A frame's header as the row of its fields; what is out of the ordinary stands out.
W.bits = (frame, fromClient) => {
  const opcode = W.opcodes[frame.opcode];
  const shortest = frame.length < 126 ? 7 : frame.length < 65536 ? 16 : 64;
  const cell = (text, odd) => W.h('span', { class: odd ? 'odd' : null }, text);
  return W.h('div', { class: 'bits', role: 'img', 'aria-label': 'Frame header' },
    cell('FIN ' + (frame.fin ? 1 : 0), !frame.fin && frame.opcode >= 8),
    cell('RSV ' + frame.rsv.toString(2).padStart(3, '0'), (frame.rsv & 3) !== 0 || (frame.rsv && frame.opcode >= 8)),
    cell(opcode || 'op ' + frame.opcode, !opcode),
    cell(frame.mask === null ? 'unmasked' : 'mask ' + frame.mask, (frame.mask === null) === fromClient),
    cell(`length ${frame.length.toLocaleString('en')} in ${frame.lenbits} bits`, frame.lenbits !== shortest));
};

// Long text is cut; a button shows the rest.
W.cut = (text, limit, make) => {
  if (text.length <= limit) return make(text);
  const box = W.h('div');
  const button = W.h('button', { type: 'button', class: 'more', onclick: () => box.replaceChildren(make(text)) },
    `Show all ${text.length.toLocaleString('en')} characters`);
  box.append(make(text.slice(0, limit) + '…'), button);
  return box;
};

// Of a hop before a server of somebody's own we have one end alone, as of any server.
W.bothEnds = () => W.data.run.tested === 'hop' && !W.data.run.server;

W.exchange = (result, times, target = W.data.run.target || 'target') => {
  const list = W.h('ol');
  let before = 0;
  result.transcript.forEach((event, i) => {
    const at = times ? times[i] : undefined;
    if (at !== undefined && at - before >= 100)
      list.append(W.h('li', { class: 'silence' }, W.h('span', null, W.time(at - before) + ' of silence')));
    if (at !== undefined) before = at;
    if (result.omitted && result.omitted.at === i)
      list.append(W.h('li', { class: 'silence' }, W.h('span', null, `${W.plural(result.omitted.count, 'event')} left out here; the JSON report has them`)));
    list.append(W.event(event, at));
  });
  const dropped = result.transcript_dropped;
  const hop = W.bothEnds();
  const lanes = hop ? ['our client', target, 'our server'] : ['wsspec', target];
  return W.h('div', { class: hop ? 'exchange hop' : 'exchange' },
    W.h('div', { class: 'lanes', 'aria-hidden': 'true' }, ...lanes.map((name) => W.h('span', null, name))),
    list,
    dropped ? W.h('p', { class: 'soft small' }, `${W.plural(dropped, 'further event')} not kept`) : null);
};

// The same case without the hop and through it, side by side.
W.beside = (result, timing) => {
  const column = (title, verdict, reason, exchange) => W.h('div', null,
    W.h('h3', null, title, ' ', W.badge(verdict)), reason ? W.h('p', { class: 'soft small' }, W.bounded('span', null, reason)) : null, exchange);
  const { direct } = result;
  return W.h('div', { class: 'beside' },
    column('Without the hop', direct.verdict, direct.reason, W.exchange(direct, timing.direct_events_ms, W.data.run.server)),
    column('Through the hop', direct.through, '', W.exchange(result, timing.events_ms)));
};

// What the header row says already is not said twice.
W.decoded = (event) => {
  const text = (event.decoded || '').replace(/\r\n?/g, '\n').trimEnd();
  if (!event.frame || !/^\S+ frame, FIN \d/.test(text)) return text;
  return `${W.opcodes[event.frame.opcode] || 'opcode ' + event.frame.opcode} frame, ${W.plural(event.frame.length, 'octet')}`;
};

// Of a hop's case: at which of our ends.
W.side = (event) => {
  const named = /^(?:# )?(near|far)(?:\[\d+\])?:/.exec(event.line);
  return W.bothEnds() && named ? ' ' + named[1] : '';
};

W.event = (event, at) => {
  const note = event.kind === 'note';
  const waits = /^(?:again|none|shut)\b/.test(event.line); // Nothing travels.
  const who = { sent: 'wsspec sends', manners: 'wsspec answers by itself', received: 'the target sends', note: 'note' }[event.kind];
  const body = W.h('div', { class: 'body' }, W.h('span', { class: 'hidden' }, who + ': '));
  const [head, ...rest] = W.decoded(event).split('\n');
  if (head) body.append(W.h('div', { class: 'say' }, W.cut(head, 400, (text) => W.h('span', null, text))));
  if (rest.length)
    body.append(W.h('details', null, W.h('summary', null, W.plural(rest.length, 'header line')),
      W.cut(rest.join('\n'), 4000, (text) => W.h('pre', null, text))));
  const serves = W.data.run.tested === 'client' || W.side(event) === ' far';
  if (event.frame) body.append(W.bits(event.frame, (event.kind !== 'received') !== serves));
  if (event.line.replace(/^# /, '') !== head)
    body.append(W.h('div', { class: 'line' }, W.cut(event.line, 600, (text) => (note ? W.h('span', null, text) : W.h('code', null, text)))));
  if (event.comment) body.append(W.h('div', { class: 'remark' }, W.cut(event.comment, 400, (text) => W.h('span', null, text))));
  return W.h('li', { class: `event ${event.kind}${W.side(event)}${event.failing ? ' failing' : ''}` },
    W.h('time', null, at === undefined ? '' : W.time(at)), body, note || waits ? null : W.h('div', { class: 'arrow', 'aria-hidden': 'true' }));
};
