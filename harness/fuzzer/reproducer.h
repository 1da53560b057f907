// Reproducers: a finding as a runnable case file (script/print.h), and back.
//
// The case says what the target did, like every log: it passes while the fault is there, and comments say
// what was expected. What it is not: minimal; minimize.h makes it so.
#pragma once

#include <memory>
#include <string>

#include "fuzzer/session.h"

namespace wsspec {

struct ReproducerNotes {
  std::string clause;  ///< "RFC 6455 section 5.5"; may be empty.
  std::string demand;  ///< What the requirement asks for; may be empty.
  std::string target;  ///< URL or name.
  std::uint64_t seed = 0;
  std::string stability;  ///< "3 of 3 replays"; may be empty.
  std::string company;    ///< By what it is planned again (company.h); may be empty.
};

/// From a session played with `log`; without one only the sends of its transcript are in it.
std::string write_reproducer(const FuzzSession& session, const FuzzCause& cause,
                             const ReproducerNotes& notes);
/// From a journal alone: for crashes, and before anything was replayed.
std::string write_reproducer(const FuzzTranscript& transcript, const FuzzCause& cause,
                             const ReproducerNotes& notes);

/// Any case, of which the steps are given: with the notes, and named by its cause and signature, so that the
/// findings of a folder can be loaded together.
std::string write_reproducer(Case one, const FuzzCause& cause, const ReproducerNotes& notes);
/// "missing-pong" of the id "fuzz.missing-pong.1f0e9a2b"; those of earlier versions have no number.
std::string_view kind_of_reproducer(std::string_view id);

/// The inputs of a transcript: cut behind each barrier ping, which a session makes anew. `joined`: a barrier
/// that went out with the step before does so again; otherwise each goes out alone.
std::vector<FuzzInput> inputs_of(const FuzzTranscript& transcript, bool joined);
/// A session that plays a transcript once.
std::unique_ptr<FuzzSession> replay_session(const Profile& profile, const FuzzTranscript& transcript,
                                            FuzzSessionOptions options, bool joined = false);

}  // namespace wsspec
