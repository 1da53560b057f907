// golang.org/x/net/websocket
package main

import (
	"unicode/utf8"

	"golang.org/x/net/websocket"
)

type message struct {
	data []byte
	kind byte
}

var keep = websocket.Codec{
	Marshal: func(v interface{}) ([]byte, byte, error) {
		m := v.(message)
		return m.data, m.kind, nil
	},
	Unmarshal: func(data []byte, kind byte, v interface{}) error {
		*v.(*message) = message{data, kind}
		return nil
	},
}

func connect() error {
	config, err := websocket.NewConfig(address, "http://localhost/") // the library wants an origin
	if err != nil {
		return err
	}
	config.Protocol = protocols()
	config.Header = headers()
	connection, err := websocket.DialConfig(config)
	if err != nil {
		return err
	}
	failed := false
	defer func() {
		if !failed {
			connection.Close() // sends the Close frame, which the library leaves to its user
		}
	}()
	connection.MaxPayloadBytes = limit
	for {
		var m message
		if err := keep.Receive(connection, &m); err != nil {
			return err
		}
		if m.kind != websocket.TextFrame && m.kind != websocket.BinaryFrame {
			return nil // the library hands over frames of any type
		}
		// The library leaves the check of text to the application, and WriteClose is all it has to refuse with.
		if m.kind == websocket.TextFrame && !utf8.Valid(m.data) {
			failed = true
			return connection.WriteClose(1007)
		}
		if err := keep.Send(connection, m); err != nil {
			return err
		}
	}
}

func main() { run(connect) }
