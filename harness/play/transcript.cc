#include "play/transcript.h"

#include "script/print.h"

namespace wsspec {

namespace {

std::string one_line(std::string text) {
  for (char& c : text) {
    if (octet(c) < 0x20 || octet(c) == 0x7f) c = ' ';
  }
  return text;
}

bool is_comment(const Event& event) {
  return event.kind == Event::Kind::note || event.kind == Event::Kind::manners || event.line.starts_with('#');
}

std::string print_event(const Event& event) {
  if (is_comment(event)) {
    std::string text = one_line(event.line.starts_with("# ") ? event.line.substr(2) : event.line);
    if (event.kind == Event::Kind::manners) text += "   (automatic)";
    if (!event.comment.empty()) text += "   " + one_line(event.comment);
    return "  # @" + print(event.at) + " " + text + "\n";
  }
  std::string text = "  @" + print(event.at) + " " + event.line;
  if (!event.comment.empty()) text += "   # " + one_line(event.comment);
  return text + "\n";
}

}  // namespace

std::string print_transcript(const Transcript& transcript, const std::string& case_id,
                             const std::string& remark) {
  std::string text = "wire 1\ncase " + case_id + (remark.empty() ? "" : "   # " + one_line(remark)) + "\n";
  for (const std::string& let : transcript.lets) text += "  " + let + "\n";
  for (const Event& event : transcript.events) text += print_event(event);
  return text;
}

}  // namespace wsspec
