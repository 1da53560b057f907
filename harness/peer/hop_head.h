// HopHead: what a reverse proxy makes of heads, as RFC 9110 7 and RFC 9112 want it: what it refuses, what it
// takes out, what it writes anew.
//
// What it is not: aware of connections. Fields that mean something at the other end keep their names, values
// and order.
#pragma once

#include <string_view>

#include "protocol/http.h"

namespace wsspec {

/// The status with which a request is refused: 400, 501, 505; 0: it can be passed on.
int judge_request(const Head& request);
/// Whether an answer can be passed on: HTTP/1, well-formed, of one length.
bool is_sound_answer(const Head& answer);

/// Whether it asks for a WebSocket in a way that counts (RFC 9110 7.8): never in HTTP/1.0.
bool asks_for_upgrade(const Head& request);
bool is_http10(const Head& request);
/// Whether the sender wants the connection to end behind this message (RFC 9112 9.3).
bool ends_connection(const Head& message, bool http10);

/// The request for the server. `keeps`: the connection may be used for another one.
Head request_for_server(const Head& request, bool upgrades, bool keeps);
/// The answer for the client. `ends`: so does the client's connection.
Head answer_for_client(const Head& answer, int status, bool ends);
/// Whether a 101 switches to what was asked for.
bool switches_to_websocket(const Head& answer);

/// An answer of the hop's own, its body included.
Bytes own_answer(int status, bool ends, bool to_head_request);

}  // namespace wsspec
