// The verbs: one function and one file each. They return the exit code (README, "Exit codes").
#pragma once

#include "cli/command_line.h"

namespace wsspec {

int run_verb(const CommandLine& line);
/// `run --autobahn-spec`: the servers, agents and cases of a fuzzingclient.json.
int run_autobahn_spec(const CommandLine& line);
/// `serve --autobahn`: clients ask for the cases themselves, as they do the incumbent's fuzzing server.
int serve_autobahn(const CommandLine& line);
/// `serve FILE`: a server that does what the cases of a file say.
int serve_script(const CommandLine& line);
int path_verb(const CommandLine& line);
int serve_verb(const CommandLine& line);
int list_verb(const CommandLine& line);
int explain_verb(const CommandLine& line);
int check_verb(const CommandLine& line);
int replay_verb(const CommandLine& line);
int peer_verb(const CommandLine& line);
int self_test_verb(const CommandLine& line);
int diff_verb(const CommandLine& line);
int merge_verb(const CommandLine& line);
int report_verb(const CommandLine& line);
int matrix_verb(const CommandLine& line);
int fuzz_verb(const CommandLine& line);
int minimize_verb(const CommandLine& line);
int campaign_verb(const CommandLine& line);
int init_verb(const CommandLine& line);
int manual_verb(const CommandLine& line);
int completion_verb(const CommandLine& line);

}  // namespace wsspec
