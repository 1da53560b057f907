// Liberties of a broker of STOMP (broker_session.h): what the text leaves to servers, or is silent about, as
// about how messages of WebSocket carry the stream.
#include "peer/edits.h"
#include "peer/liberties.h"

namespace wsspec {
namespace {

using namespace edits;

template <void (*change)(BrokerConduct& b)>
void brokers(Conduct& c) {
  change(c.broker);
}

constexpr const char *kCarried = "stomp-1.2-STOMP_Frames-4", *kBeating = "stomp-1.2-Heart-beating-1",
                     *kReceipt = "stomp-1.2-RECEIPT-1", *kRedelivery = "stomp-1.2-SUBSCRIBE_ack_Header-4";

const Liberty kStomp[] = {
    {"stomp-binary", "All frames come in binary messages", kCarried, kSound, "",
     brokers<[](BrokerConduct& b) { b.always_binary = true; }>, nullptr, "", "", true},
    {"stomp-eol-behind-frames", "Behind each frame comes an end of a line", "stomp-1.2-STOMP_Frames-2",
     kSound, "", brokers<[](BrokerConduct& b) { b.eol_behind_frame = true; }>, nullptr, "", "", true},
    {"stomp-frames-in-pieces", "A frame comes in messages of seven octets", kCarried, kSound, "",
     brokers<[](BrokerConduct& b) { b.piece = 7; }>, nullptr, "", "", true},
    {"stomp-frames-joined", "Frames that are ready together come in one message", kCarried, kSound, "",
     brokers<[](BrokerConduct& b) { b.joins = true; }>, nullptr, "", "", true},
    {"stomp-beats-declined", "It neither sends nor wants heart-beats", kBeating, kSound, "",
     brokers<[](BrokerConduct& b) { b.declines_beats = true; }>, nullptr, "stomp.beat.*", "", true},
    {"stomp-beats-seldom", "It wants and sends heart-beats every 1500 ms at most", kBeating, kSound, "",
     brokers<[](BrokerConduct& b) { b.wishes = std::chrono::milliseconds(1500); }>, nullptr, "", "", true},
    {"stomp-never-gives-up", "A silent client is served for ever", "stomp-1.2-Heart-beating-4", kSound, "",
     brokers<[](BrokerConduct& b) { b.never_gives_up = true; }>, nullptr, "", "", true},
    {"stomp-receipt-first", "A RECEIPT comes ahead of what the frame brings about", kReceipt, kSound, "",
     brokers<[](BrokerConduct& b) { b.receipt_before_effect = true; }>, nullptr, "", "", true},
    {"stomp-receipts-with-commit", "Receipts of frames in a transaction come with its COMMIT", kReceipt,
     kSound, "", brokers<[](BrokerConduct& b) { b.receipts_with_commit = true; }>, nullptr, "", "", true},
    {"stomp-nack-requeues", "What is refused by NACK goes to the end of the queue", "stomp-1.2-ACK-1", kSound,
     "", brokers<[](BrokerConduct& b) { b.nack_requeues = true; }>, nullptr, "", "", true},
    {"stomp-unacknowledged-lost", "What was not acknowledged when a session ends is not delivered again",
     kRedelivery, kSound, "", brokers<[](BrokerConduct& b) { b.loses_unacknowledged = true; }>, nullptr,
     "stomp.ack.* stomp.tx.ack-aborted*", "", true},
    {"stomp-unknown-ignored", "A frame that is not in the list is ignored", "stomp-1.2-Client_Frames-1",
     kSound, "", brokers<[](BrokerConduct& b) { b.ignores_unknown = true; }>, nullptr, "", "", true},
    {"stomp-connect-again", "A second CONNECT is answered", "stomp-1.2-CONNECT_or_STOMP_Frame-1", kSound, "",
     brokers<[](BrokerConduct& b) { b.answers_connect_again = true; }>, nullptr, "", "", true},
    {"stomp-lingers", "Behind an ERROR it waits for a second before it ends the connection",
     "stomp-1.2-ERROR-1", kSound, "", brokers<[](BrokerConduct& b) { b.lingers = std::chrono::seconds(1); }>,
     nullptr, "", "", true},
    {"stomp-further-headers", "Its MESSAGE frames have headers of its own", "stomp-1.2-SEND-2", kSound, "",
     brokers<[](BrokerConduct& b) {
       b.missends = [](StompFrame& frame, const BrokerSituation&) {
         if (frame.command == "MESSAGE") frame.headers.push_back({"redelivered", "false"});
       };
     }>,
     nullptr, "", "", true},
    {"stomp-errors-brief", "Its ERROR frames have a message, and no body", "stomp-1.2-ERROR-2", kSound, "",
     brokers<[](BrokerConduct& b) {
       b.missends = [](StompFrame& frame, const BrokerSituation&) {
         if (frame.command != "ERROR") return;
         frame.body.clear();
         std::erase_if(frame.headers, [](const StompHeader& h) { return h.name.starts_with("content-"); });
       };
     }>,
     nullptr, "", "", true},
};

}  // namespace

std::span<const Liberty> stomp_liberties() {
  return kStomp;
}

}  // namespace wsspec
