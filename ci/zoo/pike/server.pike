import Protocols.WebSocket;

// The library hands over frames. Putting messages together, and looking at their text, is the application's part.
class Echo(protected Connection connection) {
  protected Frame message; // the one that continuations belong to

  void on_frame(Frame frame) {
    int begins = frame->opcode == FRAME_TEXT || frame->opcode == FRAME_BINARY;
    if (!begins && frame->opcode != FRAME_CONTINUATION) return;
    if (begins == !!message) {
      connection->close(CLOSE_ERROR);
      return;
    }
    if (begins)
      message = frame;
    else
      message->data += frame->data;
    if (!frame->fin) return;
    Frame whole = message;
    message = 0;
    if (whole->opcode == FRAME_BINARY)
      connection->send_binary(whole->data);
    else if (catch { connection->send_text(whole->text); })
      connection->close(CLOSE_BAD_DATA);
  }
}

void on_websocket(array(string) protocols, Request request) {
  Connection connection = request->websocket_accept(0);
  connection->onmessage = Echo(connection)->on_frame;
}

void on_http(Protocols.HTTP.Server.Request request) {
  request->response_and_finish(([ "error": 426, "data": "" ]));
}

int main(int count, array(string) arguments) {
  Port(on_http, on_websocket, (int)arguments[1], "127.0.0.1");
  return -1;
}
