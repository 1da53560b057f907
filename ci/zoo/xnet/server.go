package main

import (
	"log"
	"net/http"
	"os"
	"unicode/utf8"

	"golang.org/x/net/websocket"
)

type message struct {
	data []byte
	kind byte
}

// keep hands data over together with its type, so that text comes back as text and binary as binary.
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

func echo(connection *websocket.Conn) {
	failed := false
	defer func() {
		if !failed {
			connection.Close() // sends the Close frame, which the library leaves to its user
		}
	}()
	connection.MaxPayloadBytes = 64 << 20
	for {
		var m message
		if err := keep.Receive(connection, &m); err != nil {
			return
		}
		if m.kind != websocket.TextFrame && m.kind != websocket.BinaryFrame {
			return // the library hands over frames of any type
		}
		// The library leaves the check of text to the application, and WriteClose is all it has to refuse with.
		if m.kind == websocket.TextFrame && !utf8.Valid(m.data) {
			failed = true
			connection.WriteClose(1007)
			return
		}
		if err := keep.Send(connection, m); err != nil {
			return
		}
	}
}

func main() {
	http.Handle("/", websocket.Server{Handler: echo})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
