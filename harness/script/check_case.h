// The rules of check.h for one case, group by group.
//
// Private to script (check*.cc).
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "script/cast.h"
#include "script/check.h"
#include "script/functions.h"
#include "script/walk.h"

namespace wsspec {

class CaseCheck {
 public:
  CaseCheck(Case& one, std::vector<Diagnostic>& errors) : case_(one), cast_(one.steps), errors_(errors) {}
  void identity(const CheckContext& context);  ///< Ids, requirements, features, lets.
  void names();                                ///< Every variable has a value when it is used.
  void infer_target();
  bool infer_hop();
  void infer_server();
  void infer_target_of_refusal();
  void infer_stomp();
  void infer_needs();
  bool infer_fanout();
  void statements();   ///< Each statement for itself: ranges, fields that contradict each other, calls.
  void connections();  ///< Names of connections: made once, and used.
  void order();        ///< Statements that cannot follow each other.

 private:
  void report(const Place& place, std::string message, std::string hint = {}, std::string word = {});

  // names
  void names_of(const std::vector<Step>& steps, std::set<std::string>& counters);
  void name(const Place& place, const std::string& name, bool number, const std::set<std::string>& counters);
  void declared(const Place& place, const Predefined& fact);
  void time(const Place& place, const Time& time);

  // statements
  void statement(const Step& step);
  void fields(const Step& step, const FrameFields& fields);
  void at_most(const Step& step, const std::optional<Number>& number, std::uint64_t most,
               std::string_view what);
  void layout(const Step& step, const Layout& layout, bool frame, bool pieces = false);
  void edit(const Step& step, const Edit& edit, bool stomp);
  void codes(const Step& step, const std::vector<Code>& codes, std::uint64_t least, std::uint64_t most,
             std::string_view what);
  void payload(const Place& place, const Payload& payload);
  void call(const Place& place, const Part& part);
  void argument(const Place& place, const Function& function, std::size_t index, const Argument& argument);
  void burst(const Burst& burst);
  void connect(const Step& step, const Connect& connect);
  void series(const Step& step, const MessageSeries& series);
  void tls_conditions(const Step& step, const std::vector<Condition>& conditions,
                      std::initializer_list<std::string_view> known);

  // order
  struct Progress {      ///< Of one connection, or of a group.
    bool begun = false;  ///< There is a connection, made by `open`, `connect` or a first handshake statement.
    bool opened = false;       ///< `open`, or a handshake statement that ended well.
    bool request = false;      ///< Something that may be a request was sent.
    bool ended = false;        ///< We have ended our side,
    bool reset = false;        ///< by a reset.
    std::uint64_t rounds = 1;  ///< Course::rounds where it begins.
  };
  struct Course {
    std::map<std::string, Progress> of;  ///< By the name of the connection; "": the one without.
    bool judged = false;                 ///< Something is expected.
    std::uint64_t rounds = 1;            ///< How often the line is played, by the loops around it.
    bool forked = false;                 ///< Within an `either`.
    std::uint64_t comings = 0;           ///< How often a client comes again.
  };
  void order_of(const std::vector<Step>& steps, Course& course);
  void order_of(const Step& step, Course& course);
  void order_of_branches(const Step& step, const Either& either, Course& course);
  void order_of_connection(const Step& step, Course& course);
  void order_of_coming(const Step& step, Course& course);
  void operation(const Step& step);
  void order_of_loop(const Step& step, const Repeat& repeat, Course& course);
  void order_before(const Step& step, const Progress& progress);
  bool connection_of(const Step& step);

  Case& case_;
  const Cast cast_;
  std::vector<Diagnostic>& errors_;
};

}  // namespace wsspec
