// gorilla/websocket: eight cases at a time, each by its own number (casetuple=1.1.1), which getCaseInfo tells without an agent.
package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

var (
	base   = strings.TrimRight(os.Args[1], "/")
	dialer = websocket.Dialer{EnableCompression: true}
)

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func ask(path string) []byte {
	connection, _, err := dialer.Dial(base+path, nil)
	if err != nil {
		fail(err)
	}
	defer connection.Close()
	_, reply, err := connection.ReadMessage()
	if err != nil {
		fail(err)
	}
	return reply
}

func runCase(tuple, agent string) {
	connection, _, err := dialer.Dial(base+"/runCase?casetuple="+tuple+"&agent="+agent, nil)
	if err != nil {
		fmt.Fprintln(os.Stderr, tuple, err)
		return
	}
	defer connection.Close()
	connection.SetReadLimit(64 << 20)
	for {
		kind, message, err := connection.ReadMessage()
		if err != nil || kind == websocket.TextMessage && !utf8.Valid(message) {
			return
		}
		if connection.WriteMessage(kind, message) != nil {
			return
		}
	}
}

func main() {
	agent := os.Getenv("WSSPEC_AGENT")
	if agent == "" {
		agent = "zoo-parallel"
	}
	agent = url.QueryEscape(agent)
	count, err := strconv.Atoi(string(ask("/getCaseCount")))
	if err != nil {
		fail(err)
	}
	numbers := make(chan int)
	var workers sync.WaitGroup
	for i := 0; i < 8; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for number := range numbers {
				var info struct{ ID string }
				if err := json.Unmarshal(ask(fmt.Sprintf("/getCaseInfo?case=%d", number)), &info); err != nil {
					fail(err)
				}
				runCase(info.ID, agent)
			}
		}()
	}
	for number := 1; number <= count; number++ {
		numbers <- number
	}
	close(numbers)
	workers.Wait()
	connection, _, err := dialer.Dial(base+"/updateReports?agent="+agent, nil)
	if err != nil {
		fail(err)
	}
	connection.ReadMessage() // its Close
	connection.Close()
	fmt.Println(count, "cases")
}
