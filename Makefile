# Everyday commands. Thin: CMake presets build, scripts in tools/ do the rest. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# Node that tools/setup may have brought, before the system's.
export PATH := $(CURDIR)/.deps/node/bin:$(PATH)

DATA ?= ./data
ROUNDS ?= 200
FUZZ_SECONDS ?= 60
ARGS ?=
export ROUNDS FUZZ_SECONDS

.PHONY: help run test build bench bench-peers crash asan fuzz soak format lint tidy module clean

help:  ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

run: build/release/build.ninja  ## build, then serve the demo: simulated plants over real protocols (ARGS=...)
	@tools/setup run
	@tools/console build
	@cmake --build --preset release --target tundish
	@exec build/release/tundish demo --data $(DATA) $$([ -d console/dist ] && echo --console console/dist) $(ARGS)

test:  ## every test; ends with 'N passed, N failed'
	@tools/setup test
	@tools/test

build: build/dev/build.ninja  ## compile everything (preset dev) and the console
	@tools/setup test
	@cmake --build --preset dev
	@tools/console build

module:  ## configure, build and test one module: make module M=wire/modbus
	@tools/setup test
	@tools/module $(M)

bench:  ## Google Benchmarks of the modules, then bench/run
	@tools/setup test
	@tools/bench

bench-peers:  ## other systems measured beside ours on this machine
	@tools/setup test
	@tools/bench peers

crash: build/dev/build.ninja  ## kill -9 and torn writes under load (ROUNDS=200)
	@tools/setup test
	@cmake --build --preset dev --target tundish
	@TUNDISH_BIN=build/dev/tundish tools/run_if_present tests/crash/run

asan:  ## every unit test under the address and undefined behaviour sanitizers
	@tools/setup test
	@tools/test --unit asan

fuzz:  ## each decoder for FUZZ_SECONDS=60 under libFuzzer; a planted bug must be found
	@tools/setup fuzz
	@tools/fuzz

soak: build/dev/build.ninja  ## 2,000 kills, 1,000 full disks, 100,000 power cuts, every flip, ...: hours (tools/soak)
	@tools/setup test
	@tools/soak

format:  ## rewrite our sources in the house format
	@tools/setup lint
	@tools/format --write

lint:  ## includes, doc paths, format, thread-safety analysis, console types
	@tools/setup lint
	@tools/lint

tidy:  ## clang-tidy on the files changed since BASE=HEAD
	@tools/setup tidy
	@tools/tidy

clean:  ## remove what was built (not ./data, not .deps)
	rm -rf build console/dist console/node_modules

# A changed preset is configured anew; everything else CMake notices by itself.
build/release/build.ninja: CMakePresets.json
	@tools/setup run
	@cmake --preset release
	@touch $@

build/dev/build.ninja: CMakePresets.json
	@tools/setup test
	@cmake --preset dev
	@touch $@
