// nhooyr.io/websocket
package main

import (
	"context"
	"unicode/utf8"

	"nhooyr.io/websocket"
)

func connect() error {
	background := context.Background()
	connection, _, err := websocket.Dial(background, address, &websocket.DialOptions{
		HTTPHeader:      headers(),
		Subprotocols:    protocols(),
		CompressionMode: websocket.CompressionContextTakeover,
	})
	if err != nil {
		return err
	}
	defer connection.Close(websocket.StatusInternalError, "")
	connection.SetReadLimit(limit)
	for {
		kind, message, err := connection.Read(background)
		if err != nil {
			return err
		}
		// The library leaves the check of text to the application.
		if kind == websocket.MessageText && !utf8.Valid(message) {
			connection.Close(websocket.StatusInvalidFramePayloadData, "")
			return nil
		}
		if err := connection.Write(background, kind, message); err != nil {
			return err
		}
	}
}

func main() { run(connect) }
