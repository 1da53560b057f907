// BrowserPage: what a browser under test is shown: a page that asks for one case after the other, connects,
// echoes, and asks for the next.
//
// What it is not: a judge; the page knows only where to connect. Its timers decide nothing, since browsers
// slow down those of pages in the background.
#pragma once

#include <functional>
#include <string>

#include "protocol/endpoint.h"
#include "protocol/http.h"

namespace wsspec {

/// One HTTP connection of the browser: the page, or what `next` says for /next.
class BrowserPage final : public Endpoint {
 public:
  /// `next` answers a request for a case in JSON: {"url": ..., "case": ..., "protocols": [...]} or {"wait":
  /// true}. `jobs`: so many cases at once.
  BrowserPage(int jobs, std::function<std::string()> next) : jobs_(jobs), next_(std::move(next)) {}

  Action next(Instant now) override;
  void received(MutableBytes bytes, Instant now) override;
  void ended(End how, Instant now) override;

 private:
  void answer(const std::string& start_line);

  int jobs_;
  std::function<std::string()> next_;
  HeadParser head_;
  Bytes reply_;
  bool sent_ = false, over_ = false;
};

}  // namespace wsspec
