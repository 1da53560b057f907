#include "run/browser_page.h"

#include <fmt/format.h>

namespace wsspec {

namespace {

constexpr std::string_view kPage = R"page(<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>wsspec: this browser under test</title>
<style>
  :root { color-scheme: light dark; }
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
  h1 { font-size: 1.3rem; }
  progress { width: 100%; height: .6rem; }
  code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
  .faint { opacity: .7; }
</style>
<h1>This browser is the client under test</h1>
<p id="state">Waiting for the first case&nbsp;…</p>
<progress id="bar" max="1" value="0"></progress>
<p class="faint">The page connects where wsspec tells it to, sends back what it receives, and judges nothing. Verdicts
and reports are where <code>wsspec serve</code> was started.</p>
<script>
'use strict';
const state = document.getElementById('state'), bar = document.getElementById('bar');
let played = 0, over = false;

function show(text, code) {
  state.textContent = text;
  if (code) state.append(' ', Object.assign(document.createElement('code'), {textContent: code}));
}

function play(one) {
  return new Promise((resolve) => {
    let socket;
    try {
      socket = one.protocols.length ? new WebSocket(one.url, one.protocols) : new WebSocket(one.url);
    } catch (error) {
      return resolve();
    }
    socket.binaryType = 'arraybuffer';
    socket.onmessage = (event) => one.action === 'close' ? socket.close(1000) : socket.send(event.data);
    socket.onclose = () => resolve();
  });
}

async function work() {
  while (!over) {
    let one;
    try {
      one = await (await fetch('/next', {cache: 'no-store'})).json();
    } catch (error) {
      over = true;
      return;
    }
    if (one.wait) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      continue;
    }
    played += 1;
    bar.max = Math.max(one.cases || 1, played);
    bar.value = played;
    show(`Connection ${played}, for`, one.case);
    await play(one);
  }
}

Promise.all(Array.from({length: JOBS}, work)).then(() => {
  bar.value = bar.max;
  show(`wsspec has ended after ${played} connections.`);
});
</script>
</html>
)page";

std::string page_for(int jobs) {
  constexpr std::string_view kJobs = "JOBS";
  std::string page(kPage);
  return page.replace(page.find(kJobs), kJobs.size(), std::to_string(jobs));
}

}  // namespace

Action BrowserPage::next(Instant) {
  if (over_) return Action::close();
  if (reply_.empty()) return Action::wait();
  if (std::exchange(sent_, true)) return Action::close();
  return Action::send(reply_);
}

void BrowserPage::received(MutableBytes bytes, Instant) {
  BytesView rest = view(bytes);
  if (!reply_.empty() || over_) return;
  if (head_.feed(rest))
    answer(head_.head().start);
  else
    over_ = head_.too_large();
}

void BrowserPage::ended(End, Instant) {
  over_ = true;
}

void BrowserPage::answer(const std::string& start_line) {
  const bool page = start_line.starts_with("GET / ") || start_line.starts_with("GET /?");
  const bool next = start_line.starts_with("GET /next ");
  const std::string body = page ? page_for(jobs_) : next ? next_() : "nothing is served here\n";
  reply_ = render_head(page || next ? "HTTP/1.1 200 OK" : "HTTP/1.1 404 Not Found",
                       {{"Content-Type", page   ? "text/html; charset=utf-8"
                                         : next ? "application/json"
                                                : "text/plain"},
                        {"Content-Length", std::to_string(body.size())},
                        {"Cache-Control", "no-store"},
                        {"Connection", "close"}}) +
           body;
}

}  // namespace wsspec
