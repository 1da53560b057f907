// One head of HTTP/1.1 as two parsers read it: ours (protocol/http.h) and that of Boost.Beast, and all that
// the two may differ on, each with its clause.
//
// What it is not: a judgement on Beast. A difference is listed when both readings are within RFC 9112, or
// when ours leaves a fault to a later step; whatever is not listed is a fault of one of the two.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/http.h"

namespace wsspec {

enum class HeadKind { request, reply };

struct HeadReading {
  bool accepted = false;
  std::size_t taken = 0;      ///< Octets of the head; of no meaning unless accepted.
  std::string first, second;  ///< Method and target; or status and reason.
  std::string version;        ///< "HTTP/1.1"
  std::vector<Field> fields;
  std::string fault;  ///< Beast's name for what it does not like.
};

/// What is read, when our parser finds nothing wrong with its form, start line included. `head`: with all its
/// faults.
HeadReading read_head_ours(BytesView octets, HeadKind kind, Head& head);
HeadReading read_head_beast(BytesView octets, HeadKind kind);

struct HeadDifference {
  const char* name;
  const char* clause;
  const char* reason;
  HeadKind kind;        ///< Of the example.
  const char* example;  ///< A head on which the two differ for this reason and no other.
  bool (*applies)(const HeadReading& ours, const Head& head, const HeadReading& beast);
};
std::span<const HeadDifference> head_differences();

struct HeadComparison {
  std::string disagreement;                ///< Empty: the two read the same.
  const HeadDifference* listed = nullptr;  ///< The one that explains it.
};
HeadComparison compare_heads(BytesView octets, HeadKind kind);

}  // namespace wsspec
