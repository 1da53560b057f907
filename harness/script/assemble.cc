#include "script/assemble.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/close.h"
#include "script/print.h"

namespace wsspec {
namespace {

constexpr std::size_t kMaxPieces = 1U << 20;  ///< Fragments or writes of one statement.

/// The value of an optional number, at most `most`.
Result<std::uint64_t> value_or(const std::optional<Number>& number, std::uint64_t otherwise,
                               std::uint64_t most, std::string_view name, const Environment& environment) {
  if (!number) return otherwise;
  auto value = evaluate(*number, environment);
  if (value && *value > most) return fail_with({}, fmt::format("{}={} is more than {}", name, *value, most));
  return value;
}

/// Octets per piece, 0 for uncut.
Result<std::size_t> piece_size(const std::optional<Number>& number, std::string_view name, std::size_t octets,
                               const Environment& environment) {
  const auto value = value_or(number, 0, ~0ULL, name, environment);
  if (!value) return std::unexpected(value.error());
  if (number && *value == 0) return fail_with({}, fmt::format("{}=0 cuts nothing", name), "the least is 1");
  if (*value > 0 && octets / *value > kMaxPieces)
    return fail_with({}, fmt::format("{}={} makes too many pieces", name, *value));
  return static_cast<std::size_t>(std::min<std::uint64_t>(*value, ~std::size_t{0}));
}

/// Fills `cuts` and `gap`: `chop=`, else each frame on its own when there is a gap, else one write.
Result<void> apply_layout(Assembled& out, const Layout& layout, const Environment& environment) {
  out.gap = layout.gap.value_or(Duration{});
  const auto chop = piece_size(layout.chop, "chop", out.bytes.size(), environment);
  if (!chop) return std::unexpected(chop.error());
  if (*chop > 0) {
    for (std::size_t end = *chop; end < out.bytes.size() && end >= *chop; end += *chop)
      out.cuts.push_back(end);
  } else if (layout.split && layout.gap) {
    for (std::size_t i = 0; i + 1 < out.frames.size(); ++i) out.cuts.push_back(out.frames[i].end);
  }
  if (!out.bytes.empty()) out.cuts.push_back(out.bytes.size());
  return {};
}

/// The mask that a field means for `role`, with a key drawn when one is needed.
std::optional<MaskKey> mask_of(const std::optional<MaskField>& field, Role role, Environment& environment) {
  const auto kind = field ? field->kind : MaskField::Kind::good;
  if (kind == MaskField::Kind::key) return field->key;
  const bool masks =
      kind != MaskField::Kind::none && (role == Role::client) == (kind == MaskField::Kind::good);
  return masks ? std::optional<MaskKey>(next_mask_key(environment)) : std::nullopt;
}

struct Template {  ///< What is common to the fragments of one message.
  FrameHeader header;
  std::optional<std::uint64_t> length;
  std::optional<LengthForm> form;
  std::optional<MaskField> mask;
};

Result<Template> template_of(const FrameFields& fields, const Environment& environment) {
  Template out;
  const auto fin = value_or(fields.fin, 1, 1, "fin", environment);
  const auto rsv = value_or(fields.rsv, 0, 7, "rsv", environment);
  const auto own = static_cast<std::uint8_t>(opcode_of(fields.kind).value_or(Opcode::cont));
  const auto op = value_or(fields.op, own, 15, "op", environment);
  const auto len = value_or(fields.len, 0, ~0ULL, "len", environment);
  const auto bits = value_or(fields.lenbits, 0, 64, "lenbits", environment);
  for (const auto* one : {&fin, &rsv, &op, &len, &bits}) {
    if (!*one) return std::unexpected(one->error());
  }
  out.header.fin = *fin != 0;
  out.header.rsv = static_cast<std::uint8_t>(*rsv);
  out.header.opcode = static_cast<std::uint8_t>(*op);
  if (fields.len) out.length = *len;
  if (fields.lenbits) {
    if (*bits != 7 && *bits != 16 && *bits != 64)
      return fail_with({}, fmt::format("lenbits={} is none of 7, 16, 64", *bits));
    out.form = static_cast<LengthForm>(*bits);
  }
  out.mask = fields.mask;
  return out;
}

void append(Assembled& out, FrameHeader header, const Template& base, BytesView payload) {
  header.length = base.length.value_or(payload.size());
  header.form = base.form.value_or(minimal_form(header.length));
  AssembledFrame frame;
  frame.offset = out.bytes.size();
  append_frame(out.bytes, header, payload);
  frame.header = header;
  frame.end = out.bytes.size();
  frame.payload = frame.end - payload.size();
  out.frames.push_back(frame);
}

Result<Bytes> body_of(const SendFrame& s, Environment& environment) {
  auto payload = s.payload ? evaluate(*s.payload, environment) : Result<Bytes>(Bytes());
  if (!payload || !s.code) return payload;
  const auto code = value_or(s.code, 0, 65535, "the code", environment);
  if (!code) return std::unexpected(code.error());
  return make_close(static_cast<std::uint16_t>(*code), *payload);
}

struct Assembler {
  Environment& environment;
  Role role;

  Result<Assembled> operator()(const SendFrame& s) const {
    const auto body = body_of(s, environment);
    if (!body) return std::unexpected(body.error());
    const auto base = template_of(s.fields, environment);
    if (!base) return std::unexpected(base.error());
    const auto split = piece_size(s.layout.split, "split", body->size(), environment);
    if (!split) return std::unexpected(split.error());
    if (*split > 0 && base->length) return fail_with({}, "'split=' and 'len=' contradict each other");
    Assembled out;
    const std::size_t step = *split == 0 ? std::max<std::size_t>(body->size(), 1) : *split;
    for (std::size_t at = 0;; at += step) {
      FrameHeader header = base->header;
      const bool last = body->size() - at <= step;
      if (at > 0) header.opcode = 0, header.rsv = 0;
      header.fin = last && header.fin;
      header.mask = mask_of(base->mask, role, environment);
      append(out, header, *base, BytesView(*body).substr(at, step));
      if (last) break;
    }
    return laid_out(std::move(out), s.layout);
  }

  Result<Assembled> operator()(const SendBytes& s) const {
    auto bytes = evaluate(s.payload, environment);
    if (!bytes) return std::unexpected(bytes.error());
    return layout_head(std::move(*bytes), s.layout, environment);
  }

  Result<Assembled> operator()(const SendHead& s) const {
    Bytes bytes;
    for (const auto& line : s.lines) {
      const auto octets = evaluate(line, environment);
      if (!octets) return std::unexpected(octets.error());
      if (bytes.size() + octets->size() > kMaxPayload) return fail_with({}, "the head is too large");
      bytes += *octets + "\r\n";
    }
    bytes += "\r\n";
    const auto size = bytes.size();
    auto out = layout_head(std::move(bytes), s.layout, environment);
    if (out) out->heads_octets = size;
    return out;
  }

  /// Messages of a frame; with `gap=` each is a write.
  Result<Assembled> operator()(const SendStomp& s) const {
    if (!environment.make_stomp) return fail_with({}, "a STOMP frame cannot be sent here");
    const auto made = environment.make_stomp(s);
    if (!made) return std::unexpected(made.error());
    const auto& [octets, binary] = *made;
    const auto size = piece_size(s.pieces, "pieces", octets.size(), environment);
    if (!size) return std::unexpected(size.error());
    const std::size_t step = *size == 0 ? octets.size() : *size;
    Burst messages;
    for (std::size_t at = 0; at < octets.size(); at += step) {
      SendFrame frame;
      frame.fields.kind = binary ? FrameKind::binary : FrameKind::text;
      frame.payload = Payload{{{Part::Kind::text, octets.substr(at, step), {}, {}, {}}}};
      if (!s.pieces) frame.layout = s.layout;
      messages.sends.emplace_back().statement = std::move(frame);
    }
    if (messages.sends.size() == 1) return std::visit(*this, messages.sends.front().statement);
    auto out = (*this)(messages);
    if (!out || !s.layout.gap) return out;
    out->gap = *s.layout.gap;
    out->cuts.clear();
    for (const AssembledFrame& one : out->frames) out->cuts.push_back(one.end);
    return out;
  }

  template <typename S>
  Result<Assembled> made_head(const S& s) const {
    if (!environment.make_head) return fail_with({}, "a handshake cannot be sent here");
    auto head = environment.make_head(Statement(s));
    if (!head) return std::unexpected(head.error());
    Bytes octets = render_head(*head);
    const std::size_t size = octets.size();
    auto out = layout_head(std::move(octets), s.layout, environment);
    if (out) out->head = std::move(*head), out->head_octets = out->heads_octets = size;
    return out;
  }
  Result<Assembled> operator()(const SendRequest& s) const { return made_head(s); }
  Result<Assembled> operator()(const SendUpgrade& s) const { return made_head(s); }
  Result<Assembled> operator()(const SendResponse& s) const { return made_head(s); }

  Result<Assembled> operator()(const Burst& s) const {
    Assembled out;
    for (const auto& step : s.sends) {
      auto one = std::visit(*this, step.statement);
      if (!one) return one;
      if (out.bytes.size() + one->bytes.size() > kMaxPayload + (kMaxPayload >> 2))
        return fail_with({}, "the burst is too large");
      if (out.bytes.empty()) out.head = std::move(one->head), out.head_octets = one->head_octets;
      if (out.heads_octets == out.bytes.size()) out.heads_octets += one->heads_octets;
      for (auto frame : one->frames) {
        frame.offset += out.bytes.size(), frame.payload += out.bytes.size(), frame.end += out.bytes.size();
        out.frames.push_back(frame);
      }
      if (out.bytes.empty())
        out.bytes = std::move(one->bytes);
      else
        out.bytes += one->bytes;
    }
    return laid_out(std::move(out), s.layout);
  }

  template <typename Other>
  Result<Assembled> operator()(const Other&) const {
    return fail_with({}, "only '>' statements with octets can be assembled");
  }

  Result<Assembled> laid_out(Assembled out, const Layout& layout) const {
    if (auto done = apply_layout(out, layout, environment); !done) return std::unexpected(done.error());
    return out;
  }
};

Number plain(std::uint64_t value) {
  return {value, {}};
}

void set_kind(FrameFields& fields, std::uint8_t opcode) {
  fields.kind = kind_of(opcode);
  if (fields.kind == FrameKind::frame) fields.op = plain(opcode);
}

}  // namespace

FrameKind kind_of(std::uint8_t opcode) {
  for (const auto kind : {FrameKind::cont, FrameKind::text, FrameKind::binary, FrameKind::close,
                          FrameKind::ping, FrameKind::pong})
    if (opcode == static_cast<std::uint8_t>(*opcode_of(kind))) return kind;
  return FrameKind::frame;
}

std::optional<Opcode> opcode_of(FrameKind kind) {
  switch (kind) {
    case FrameKind::text: return Opcode::text;
    case FrameKind::binary: return Opcode::binary;
    case FrameKind::cont: return Opcode::cont;
    case FrameKind::close: return Opcode::close;
    case FrameKind::ping: return Opcode::ping;
    case FrameKind::pong: return Opcode::pong;
    case FrameKind::frame: break;
  }
  return std::nullopt;
}

Result<Assembled> assemble(const Statement& statement, Environment& environment, Role role) {
  return std::visit(Assembler{environment, role}, statement);
}

Result<Assembled> layout_head(Bytes head, const Layout& layout, const Environment& environment) {
  if (layout.split) return fail_with({}, "only frames can be split", "'chop=' cuts octets");
  Assembled out;
  out.bytes = std::move(head);
  if (auto done = apply_layout(out, layout, environment); !done) return std::unexpected(done.error());
  return out;
}

Step frame_step(const FrameHeader& header, BytesView payload, Role role) {
  SendFrame frame;
  set_kind(frame.fields, header.opcode);
  if (!header.fin) frame.fields.fin = plain(0);
  if (header.rsv != 0) frame.fields.rsv = plain(header.rsv);
  if (header.length != payload.size()) frame.fields.len = plain(header.length);
  if (header.form != minimal_form(header.length))
    frame.fields.lenbits = plain(static_cast<std::uint64_t>(header.form));
  // A key is never left out: without it another one would be drawn, and the octets would differ.
  if (header.mask)
    frame.fields.mask = MaskField{MaskField::Kind::key, *header.mask};
  else if (role == Role::client)
    frame.fields.mask = MaskField{MaskField::Kind::none, 0};
  if (header.is(Opcode::close) && payload.size() >= 2) {
    frame.code = plain(read_big_endian(payload.substr(0, 2)));
    payload.remove_prefix(2);
  }
  if (!payload.empty()) frame.payload = payload_of(payload);
  Step out;
  out.statement = std::move(frame);
  return out;
}

std::vector<Step> disassemble(BytesView bytes, Role role) {
  std::vector<Step> out;
  while (!bytes.empty()) {
    FrameHeader header;
    const auto size = decode_header(bytes, header);
    if (size == 0 || header.length > bytes.size() - size) break;
    Bytes payload(bytes.substr(size, static_cast<std::size_t>(header.length)));
    if (header.mask) apply_mask(payload, *header.mask);
    out.push_back(frame_step(header, payload, role));
    bytes.remove_prefix(size + payload.size());
  }
  if (!bytes.empty()) {
    Step rest;
    rest.statement = SendBytes{payload_of(bytes), {}};
    out.push_back(std::move(rest));
  }
  return out;
}

}  // namespace wsspec
