# Two commands are enough: `go run ./cmd/playground` starts it, `make test` checks everything.
# What `make test` needs beyond Go and Node it fetches itself: npm packages by their lock file, and Debian's Chromium when
# there is no Chromium or Chrome and apt-get is at hand.

SHELL := /bin/bash
NODE_TESTS := frontend/node_modules/.stamp

.PHONY: run build test vet go race pages journey firefox dist bench clean

run:
	go run ./cmd/playground

# nomsgpack leaves out a codec of Gin's that nothing here uses, 6 MB of binary, as playground/absent does with others. What waits for disks, or is
# never run, is compiled without inlining: 1.3 MB. Without C it needs no library of the system.
UNHURRIED := github.com/nats-io/nats-server google.golang.org/protobuf

build:
	CGO_ENABLED=0 go build -trimpath -tags nomsgpack -ldflags '-s -w' $(UNHURRIED:%=-gcflags=%/...=-l) -o playground-bin ./cmd/playground

test: vet dist race pages journey

vet:
	@test -z "$$(gofmt -l cmd playground mockidp lessons frontend)" || { gofmt -l cmd playground mockidp lessons frontend; echo 'run gofmt on these files'; exit 1; }
	go vet ./...
	go mod tidy -diff

# The built pages are committed: they must be what the sources make.
dist:
	go run ./frontend/bundle -check

go:
	go test ./...

race:
	go test -race -timeout 10m ./...

$(NODE_TESTS): frontend/package.json frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

pages: $(NODE_TESTS)
	cd frontend && npx tsc --noEmit -p . && npm run --silent unit

journey: $(NODE_TESTS)
	.ci/journey

# Embeds in a real Firefox. Not part of test: it would add a second browser, 80 MB to fetch, to every run.
firefox: $(NODE_TESTS)
	FIREFOX=$$(.ci/firefox) && export FIREFOX && cd frontend && npx playwright test test/firefox

bench:
	go test -run '^$$' -bench . -benchtime 2s ./mockidp ./playground/trace ./playground/vnet ./playground

clean:
	rm -rf playground-bin frontend/node_modules frontend/test-results
