# andon: make run, make test. `make help` lists the rest.

SHELL       := /bin/bash
GO          ?= go
BIN         := bin
RUN         := .run
# Ports of the demonstration, all on loopback.
ANDON_PORT  ?= 8080
INFLUX_PORT ?= 8086
OPCUA_PORT  ?= 4840
MQTT_PORT   ?= 1883
SCENARIO    ?= showcase

VERSION     ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS     := -s -w -X main.version=$(VERSION)
export CGO_ENABLED ?= 0

.PHONY: help run build test test-interop test-hour test-faults soak bench bench-opcua check fmt vet staticcheck clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

run: build ## build and start the demonstration: plant, database and andon; Ctrl-C stops it
	@# A job of its own on a terminal: Ctrl-C then reaches the demonstration, which stops
	@# everything in order, and not make.
	@if [ -t 0 ]; then set -m; fi; \
	$(BIN)/demo -bin $(BIN) -dir $(RUN) -scenario $(SCENARIO) -andon-port $(ANDON_PORT) -influx-port $(INFLUX_PORT) \
	  -opcua-port $(OPCUA_PORT) -mqtt-port $(MQTT_PORT); exit $$?

build: ## build andon, plantsim and InfluxDB into bin/
	@mkdir -p $(BIN)
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/ ./cmd/andon ./cmd/plantsim ./cmd/demo
	cd deploy/influxd && $(GO) build -trimpath -o ../../$(BIN)/influxd .

# The race detector needs a C compiler; everything else does not. It leaves out SQLite itself,
# C turned into Go: that works in memory of its own, which the detector cannot watch, so it would
# only be asked in vain, at each access. What calls SQLite, and its locks, it watches as all else.
RACE := $(if $(shell command -v $${CC:-cc} || command -v gcc),-race \
  -gcflags=modernc.org/sqlite/lib=-race=false -gcflags=modernc.org/libc=-d=checkptr=0 -gcflags=modernc.org/memory=-d=checkptr=0,)

# What computes without a goroutine has nothing to race, pure_test.go holds it to that: its tests
# run without the detector, and take a fifth of the time.
PURE := engine/recording plant plant/setting plant/spc production production/forecast production/productiontest production/review rules

test: .SHELLFLAGS := -o pipefail -c
test: ## run every test, with the race detector wherever there are goroutines
	@[ -n "$(RACE)" ] || echo "no C compiler: the tests run without the race detector"
	@# What the race detector stumbles over in a library: collector/opcua/race_test.go.
	CGO_ENABLED=0 $(GO) test -run RenewsItsKeys ./collector/opcua
	@# What it would falsify: cmd/andon/load_test.go.
	CGO_ENABLED=0 $(GO) test -timeout 30m -run HundredThousandTags ./cmd/andon
	CGO_ENABLED=0 $(GO) test $(addprefix ./,$(PURE))
	rest=$$($(GO) list ./... | grep -vxF $(foreach p,$(PURE),-e andon/$p)) && \
	  CGO_ENABLED=$(if $(RACE),1,0) $(GO) test $(RACE) -timeout 30m $$rest
	cd bench && CGO_ENABLED=$(if $(RACE),1,0) $(GO) test $(RACE) ./...

INTEROP := interop/server

test-interop: $(INTEROP)/node_modules/.installed ## OPC UA against a server of another maker, node-opcua; needs Node.js 18 or later
	@# What the race detector stumbles over in a library: interop/race_test.go.
	ANDON_TEST_INTEROP=1 CGO_ENABLED=0 $(GO) test -count=1 -timeout 5m -run RenewTheirKeys ./interop
	ANDON_TEST_INTEROP=1 CGO_ENABLED=$(if $(RACE),1,0) $(GO) test $(RACE) -count=1 -timeout 20m ./interop

$(INTEROP)/node_modules/.installed: $(INTEROP)/package-lock.json
	cd $(INTEROP) && npm ci --no-audit --no-fund --ignore-scripts
	@touch $@

test-hour: ## the scripted hour of Northfield as it happens, in 62 minutes
	@echo "This takes 62 minutes: a plant lives through an hour of which all results are known. There is a line every five."
	ANDON_TEST_HOUR=1 $(GO) test -count=1 -v -timeout 75m -run '^TestTheHourOfNorthfieldAsItHappens$$' ./cmd/andon

test-faults: ## everything breaks under load and nothing is lost, the long form, in about 20 minutes
	@echo "This takes about 20 minutes: InfluxDB is away for ten of them. What each test does: docs/reliability.md"
	ANDON_TEST_FAULTS=long $(GO) test -count=1 -v -timeout 90m -parallel 2 ./faults

DURATION ?= 30m

soak: ## run andon under load for DURATION (30m) and see that memory, goroutines, file handles and disk stay flat
	ANDON_SOAK=$(DURATION) $(GO) test -count=1 -v -timeout 0 -run '^TestSoak$$' ./faults

bench: ## measure andon beside Telegraf; ARGS="--help" tells more
	@# A job of its own, as in run; and the program itself, not `go run`, so that it hears of Ctrl-C.
	@if [ -t 0 ]; then set -m; fi; \
	cd bench && mkdir -p .work && $(GO) build -trimpath -o .work/bench . && .work/bench $(ARGS); exit $$?

bench-opcua: DURATION = 5m
bench-opcua: ## 20,000 items of an encrypted OPC UA session change 20,000 times a second for DURATION (5m): every change must arrive
	@if [ -t 0 ]; then set -m; fi; \
	cd bench && mkdir -p .work && $(GO) build -trimpath -o .work/bench . && \
	.work/bench --only opcua-20000-secure --pairs 1 --strict --duration $(DURATION) $(ARGS); exit $$?

check: fmt vet staticcheck ## formatting, vet, staticcheck, module files

fmt:
	@out=$$(find . \( -name .git -o -path ./$(BIN) -o -path ./$(RUN) \) -prune -o -name '*.go' -print0 | xargs -0 gofmt -l) || exit 1; \
	if [ -n "$$out" ]; then echo "gofmt: $$out"; exit 1; fi

vet:
	$(GO) vet ./...
	$(GO) mod tidy -diff
	cd deploy/influxd && $(GO) vet ./... && $(GO) mod tidy -diff
	cd bench && $(GO) vet ./... && $(GO) mod tidy -diff
	cd tools && $(GO) mod verify # it has no packages of its own to vet

staticcheck:
	cd tools && $(GO) build -o ../$(BIN)/staticcheck honnef.co/go/tools/cmd/staticcheck
	$(BIN)/staticcheck ./...
	cd bench && ../$(BIN)/staticcheck ./...

clean: ## remove what was built, and the data of demonstration and bench
	rm -rf $(BIN) $(RUN) bench/.work
