// BrokerSession: one client's session with the reference broker, from CONNECT to DISCONNECT, over the
// payloads of WebSocket messages; STOMP 1.0 to 1.2.
//
// Strict where the text says MUST; where it leaves a choice, what does not belong is refused by an ERROR
// frame, behind which the connection ends. What it is not: an Endpoint (peer.h), nor where messages wait
// (broker.h). Invariants: how the stream is cut into messages never matters; after over() nothing more is
// carried out; what a session leaves behind it is what broker.h keeps.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "peer/broker.h"
#include "peer/broker_conduct.h"
#include "protocol/endpoint.h"
#include "protocol/stomp_reader.h"

namespace wsspec {

/// Who may connect; without a login, whoever wants.
struct BrokerAccess {
  std::string login, passcode;
};

/// One message of WebSocket.
struct BrokerOutput {
  Bytes octets;
  bool text = true;  ///< Valid UTF-8.
};

/// What sessions share that no conforming ones do: transactions by name.
using BrokerTransactions = std::map<std::string, std::vector<StompFrame>>;

class BrokerSession {
 public:
  /// All references must outlive the session; `number` is its own.
  BrokerSession(Broker& broker, BrokerTransactions& shared, const BrokerConduct& conduct,
                const BrokerAccess& access, std::uint64_t number);
  ~BrokerSession();
  BrokerSession(const BrokerSession&) = delete;
  BrokerSession& operator=(const BrokerSession&) = delete;

  /// The payload of a message of either kind.
  void take(BytesView payload, Instant now);
  /// What is to be sent by now, heart-beats too.
  std::optional<BrokerOutput> next(Instant now);
  /// The session ends behind what next() still has: the connection is to be ended, in order behind a
  /// DISCONNECT, else because of a fault.
  bool over(Instant now) const { return over_ && out_.empty() && now >= ends_; }
  bool failed() const { return failed_; }
  /// The connection has ended.
  void end();

 private:
  using Handler = void (BrokerSession::*)(const StompFrame&);
  struct Command;
  static const Command* find_command(const std::string& name);

  void read(const Bytes& message);
  void take_frame(StompFrame frame);
  void carry_out(const StompFrame& frame);
  void connect(const StompFrame& frame);
  void send(const StompFrame& frame);
  void subscribe(const StompFrame& frame);
  void unsubscribe(const StompFrame& frame);
  void acknowledge(const StompFrame& frame);
  void begin(const StompFrame& frame);
  void commit(const StompFrame& frame);
  void abort(const StompFrame& frame);
  void disconnect(const StompFrame& frame);

  std::optional<StompVersion> choose_version(const StompFrame& frame);
  bool agree_on_beats(const StompFrame& frame, StompFrame& answer);
  bool keep_for_transaction(const StompFrame& frame);
  std::string transaction_name(const std::string& name) const;
  void commit_frames(const std::vector<StompFrame>& frames);
  std::optional<std::uint64_t> ack_named_by(const StompFrame& frame) const;
  void deliver(const BrokerDelivery& delivery);
  void receipt_for(const StompFrame& frame);
  /// ERROR about `frame`, if it is about one, and the end.
  void refuse(std::string message, const StompFrame* frame = nullptr, std::vector<StompHeader> further = {});
  void put(StompFrame frame);
  void finish();
  void end_transactions();
  void beat(Instant now);

  Broker& broker_;
  BrokerTransactions& transactions_;
  const BrokerConduct& conduct_;
  const BrokerAccess& access_;
  const std::uint64_t number_;
  StompReader reader_;
  BrokerSituation s_;
  std::deque<BrokerOutput> out_;
  std::size_t beats_ = 0;
  Duration sends_every_{}, hears_every_{};  ///< Heart-beats; zero: none.
  Instant said_{}, heard_{}, now_{}, ends_{};
  bool over_ = false, failed_ = false, in_transaction_ = false;
  bool refused_ = false;  ///< The present frame is.
};

}  // namespace wsspec
