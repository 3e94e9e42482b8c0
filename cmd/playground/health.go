package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// health asks the server at the address whether it takes new work, for a container that has no other program to ask with.
func health(ctx context.Context, o options, out, _ io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	at, err := net.ResolveTCPAddr("tcp", o.addr)
	if err != nil {
		return fmt.Errorf("-addr %q leads nowhere: %w", o.addr, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, baseURL(o.addr, at)+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("nothing answers at %s", o.addr)
	}
	defer res.Body.Close()
	var problem struct{ Detail string }
	if res.StatusCode != http.StatusOK {
		json.NewDecoder(io.LimitReader(res.Body, 4<<10)).Decode(&problem)
		return fmt.Errorf("it is not ready: %s", cmp.Or(problem.Detail, res.Status))
	}
	_, err = fmt.Fprintln(out, "ready")
	return err
}
