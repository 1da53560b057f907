// The head parser of Boost.Beast, alone: no stream, no message, no body.
#include <boost/beast/http/basic_parser.hpp>
#include <limits>

#include "fuzz/heads.h"

namespace wsspec {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using beast::error_code;
using beast::string_view;

template <bool isRequest>
class Reader final : public http::basic_parser<isRequest> {
 public:
  HeadReading out;

 private:
  void on_request_impl(http::verb, string_view method, string_view target, int version,
                       error_code&) override {
    start(method, target, version);
  }
  void on_response_impl(int status, string_view reason, int version, error_code&) override {
    start(std::to_string(status), reason, version);
  }
  void start(string_view first, string_view second, int version) {
    out.first = first;
    out.second = second;
    out.version = version == 11 ? "HTTP/1.1" : "HTTP/1.0";
  }
  void on_field_impl(http::field, string_view name, string_view value, error_code&) override {
    out.fields.push_back({std::string(name), std::string(value)});
  }
  void on_header_impl(error_code&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
  std::size_t on_body_impl(string_view octets, error_code&) override { return octets.size(); }
  void on_chunk_header_impl(std::uint64_t, string_view, error_code&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, string_view octets, error_code&) override {
    return octets.size();
  }
  void on_finish_impl(error_code&) override {}
};

template <bool isRequest>
HeadReading read(BytesView octets) {
  Reader<isRequest> reader;
  reader.header_limit(std::numeric_limits<std::uint32_t>::max());
  reader.body_limit(boost::none);
  error_code error;
  reader.out.taken = reader.put({octets.data(), octets.size()}, error);
  reader.out.accepted = !error;
  if (error) reader.out.fault = error.message();
  return std::move(reader.out);
}

}  // namespace

HeadReading read_head_beast(BytesView octets, HeadKind kind) {
  return kind == HeadKind::request ? read<true>(octets) : read<false>(octets);
}

}  // namespace wsspec
