// Exchange: how far the requests and answers on a connection to our server are, from what went each way.
//
// What it is not: a judge. What is not read as HTTP is taken for the end of it: nothing else can follow
// there.
#pragma once

#include "peer/hop_body.h"
#include "protocol/http.h"

namespace wsspec {

class Exchange {
 public:
  /// What the other side has said, and what we have.
  void asked(BytesView octets);
  void answered(BytesView octets);
  /// Every request is answered, both are whole, and neither says that it was the last: the next request may
  /// be anybody's.
  bool at_rest() const { return stage_ == Stage::rest; }

 private:
  enum class Stage { rest, open, lost };
  void begin_answer();
  void end_if_whole();

  Stage stage_ = Stage::rest;
  HeadParser request_, answer_;
  HopBody request_body_, answer_body_;
};

}  // namespace wsspec
