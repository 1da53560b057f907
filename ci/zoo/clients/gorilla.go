// gorilla/websocket
package main

import (
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

func connect() error {
	dialer := websocket.Dialer{Proxy: proxy(), EnableCompression: true, Subprotocols: protocols()}
	connection, _, err := dialer.Dial(address, headers())
	if err != nil {
		return err
	}
	defer connection.Close()
	connection.SetReadLimit(limit)
	closed := false // the library leaves it to its user to read on until the server's Close has come
	for {
		kind, message, err := connection.ReadMessage()
		if err != nil {
			return err
		}
		// The library's manual leaves the check of text to the application.
		if kind == websocket.TextMessage && !utf8.Valid(message) {
			reason := websocket.FormatCloseMessage(websocket.CloseInvalidFramePayloadData, "")
			connection.WriteControl(websocket.CloseMessage, reason, time.Now().Add(time.Second))
			return nil
		}
		if closes && !closed {
			closed = true
			reason := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
			err = connection.WriteControl(websocket.CloseMessage, reason, time.Now().Add(time.Second))
		} else if !closed {
			err = connection.WriteMessage(kind, message)
		}
		if err != nil {
			return err
		}
	}
}

func main() { run(connect) }
