import Protocols.WebSocket;

void on_message(Frame frame, Connection connection) {
  if (frame->opcode == FRAME_TEXT)
    connection->send_text(frame->text);
  else if (frame->opcode == FRAME_BINARY)
    connection->send_binary(frame->data);
}

void on_websocket(array(string) protocols, Request request) {
  Connection connection = request->websocket_accept(0);
  connection->onmessage = on_message;
  connection->set_id(connection);
}

void on_http(Protocols.HTTP.Server.Request request) {
  request->response_and_finish(([ "error": 426, "data": "" ]));
}

int main(int count, array(string) arguments) {
  Port(on_http, on_websocket, (int)arguments[1], "127.0.0.1");
  return -1;
}
