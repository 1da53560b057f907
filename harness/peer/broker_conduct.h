// BrokerConduct: every point at which the broker can be made to behave other than it should or needs to.
//
// A default BrokerConduct is the conforming broker. Rows of defects and liberties (defects_stomp.cc,
// liberties_stomp.cc) change one or two members, as those of servers and clients do in Conduct.
#pragma once

#include <cstddef>
#include <vector>

#include "protocol/endpoint.h"
#include "protocol/stomp.h"

namespace wsspec {

/// What has happened in one session so far, for hooks that depend on it.
struct BrokerSituation {
  bool connected = false;
  StompVersion version = StompVersion::v1_2;  ///< Once connected.
  std::size_t frames = 0;                     ///< That came, the present one included,
  std::size_t frames_in_message = 0;          ///< and in the present message of WebSocket.
  std::size_t messages = 0;                   ///< Of WebSocket, the present one included.
  std::size_t sent = 0;                       ///< Frames sent, the present one included.
};

struct BrokerConduct {
  // What comes.
  /// Changes a message of WebSocket before it is read as a part of the stream.
  void (*mishears)(Bytes& message, const BrokerSituation& s) = nullptr;
  /// Changes a frame before it is carried out; one without a command is lost.
  void (*misreads)(StompFrame& frame, const BrokerSituation& s) = nullptr;
  StompVersion most_escapes_read = StompVersion::v1_2;  ///< Headers are decoded as in this version at most,
  StompVersion most_escapes_sent = StompVersion::v1_2;  ///< and encoded.

  // What is sent.
  /// Changes a frame before it is sent; one without a command is lost.
  void (*missends)(StompFrame& frame, const BrokerSituation& s) = nullptr;
  bool always_text = false;       ///< Also what is no UTF-8.
  bool always_binary = false;     ///< Legal.
  bool eol_behind_frame = false;  ///< Legal.
  std::size_t piece = 0;          ///< Legal: a frame comes in messages of so many octets; 0: in one.
  bool joins = false;             ///< Legal: frames that are ready together come in one message.

  // The session.
  /// The version, of those in common in rising order.
  StompVersion (*picks)(const std::vector<StompVersion>& common) = nullptr;
  bool serves_unconnected = false;
  bool ignores_passcode = false;
  bool answers_connect_again = false;  ///< Legal.
  bool goes_on_after_error = false;
  bool goes_on_after_receipt_error = false;  ///< When the frame asked for a receipt.
  bool goes_on_after_disconnect = false;
  bool receipts_refused = false;  ///< An ERROR and a RECEIPT for one frame.
  bool ignores_unknown = false;   ///< Legal: a frame that is not in the list.
  bool delivers_unfinished = false;
  Duration lingers{};  ///< Legal: so long behind an ERROR the connection ends.

  // Heart-beats, against what was agreed upon.
  unsigned beat_percent = 75, patience_percent = 200;
  std::size_t most_beats = 0;                        ///< Then no more come; 0: any number.
  bool hears_frames_only = false;                    ///< Ends of lines keep nobody alive,
  bool hears_whole_frames = false;                   ///< nor parts of a frame,
  bool hears_no_frames = false;                      ///< or frames do not.
  bool declines_beats = false;                       ///< Legal,
  bool never_gives_up = false;                       ///< and so are these two.
  Duration wishes = std::chrono::milliseconds(100);  ///< Smallest time between beats, either way.

  // Messages and subscriptions.
  std::size_t prefetch = 0;  ///< Unacknowledged messages of a subscription, in any mode; 0: any number.
  bool first_subscriber_only = false;  ///< Of a topic.
  bool keeps_unsubscribed = false;
  bool unsubscribes_all = false;
  bool same_message_id = false;
  bool queue_as_topic = false;

  // Acknowledgement.
  bool always_cumulative = false, never_cumulative = false;
  bool forgets_acks = false;
  bool loses_unacknowledged = false;  ///< Legal: what was not acknowledged when a session ends.
  bool nack_requeues = false;         ///< Legal: to the end of the queue.
  bool acks_at_once = false;          ///< In a transaction.
  bool loses_acks_of_transaction = false;

  // Transactions.
  bool sends_at_once = false;
  bool abort_commits = false, abort_keeps = false;
  bool commits_backwards = false;
  bool end_commits = false;            ///< When the session ends.
  bool shares_names = false;           ///< Between connections.
  bool commit_of_unknown = false;      ///< COMMIT and ABORT of what was not begun are fine,
  bool send_in_unknown = false;        ///< and so is a SEND, which is delivered.
  bool receipts_with_commit = false;   ///< Legal: those of frames in a transaction.
  bool receipt_before_effect = false;  ///< Legal.
};

}  // namespace wsspec
