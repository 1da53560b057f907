// What the Go drivers share: what they are asked for, and the loop round one connection.
package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"
)

const limit = 64 << 20

var address = os.Args[1]

// In place of sending back a message.
var closes = os.Getenv("WSSPEC_ACTION") == "close"

func protocols() []string {
	var all []string
	for _, name := range strings.Split(os.Getenv("WSSPEC_PROTOCOLS"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			all = append(all, name)
		}
	}
	return all
}

// Nil where none was given.
func proxy() func(*http.Request) (*url.URL, error) {
	at, err := url.Parse(os.Getenv("WSSPEC_PROXY"))
	if err != nil || at.Host == "" {
		return nil
	}
	return http.ProxyURL(at)
}

func headers() http.Header {
	all := http.Header{}
	for _, line := range strings.Split(os.Getenv("WSSPEC_HEADERS"), "\n") {
		if name, value, found := strings.Cut(line, ":"); found {
			all.Add(strings.TrimSpace(name), strings.TrimSpace(value))
		}
	}
	return all
}

// run calls connect, which is one connection to its end. Go trusts the authority in SSL_CERT_FILE by itself.
func run(connect func() error) {
	if _, err := url.Parse(address); err != nil {
		fmt.Fprintln(os.Stderr, err) // it would be asked for without end
		return
	}
	for refused := 0; refused < 3; {
		err := connect()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		if os.Getenv("WSSPEC_ACTION") != "loop" {
			return
		}
		if errors.Is(err, syscall.ECONNREFUSED) || err != nil && strings.Contains(err.Error(), "refused") {
			refused++
			time.Sleep(100 * time.Millisecond)
		} else {
			refused = 0
		}
	}
}
