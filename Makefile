# Everything that is done with the project has one word here. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

STAMPS := target/stamps
VERSION := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
WEB_SOURCES := $(shell find web -type d \( -name node_modules -o -name dist \) -prune -o -type f -print)

.PHONY: help run build dist test check bench screenshots openapi docs audit clean tools debian

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

run: tools $(STAMPS)/web ## build what changed and start stet on 127.0.0.1:8080 with its data in ./data
	@cargo build --release --quiet --bin stet
	@exec target/release/stet $(ARGS)

build: tools $(STAMPS)/web ## target/release/stet, one binary with the web app inside
	cargo build --release --bin stet

dist: build ## an archive and its checksum in dist/
	@.ci/pack "$(VERSION)"

test: tools debian $(STAMPS)/web $(STAMPS)/clients ## all set-up for the tests, then every test: Rust, web, end to end, browser
	@.ci/test

check: tools $(STAMPS)/web-packages ## formatting, lints and unit tests
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --quiet -- -D warnings
	cargo test --workspace --lib --bins --quiet
	npm --prefix web run --silent check
	npm --prefix web run --silent test

bench: tools $(STAMPS)/clients ## what an edit costs, beside a bare relay (BENCH=--short for a quick look)
	cargo build --release --workspace --bins
	target/release/bench $(BENCH)

screenshots: tools debian $(STAMPS)/web $(STAMPS)/clients ## pictures of a fixed set of views, in web/screenshots
	cargo build --workspace --bins
	npm --prefix web run --silent screenshots

openapi: tools ## renew web/openapi.json from the server's code
	cargo run --quiet --bin stet -- openapi > target/openapi.json
	mv target/openapi.json web/openapi.json

docs: tools ## renew docs/configure.md from the server's code
	cargo run --quiet --bin stet -- settings > target/configure.md
	mv target/configure.md docs/configure.md

audit: tools $(STAMPS)/web-packages $(STAMPS)/clients ## known advisories against what we depend on
	@.ci/audit

clean: ## remove what was built; ./data stays
	rm -rf target web/dist web/node_modules tests/clients/node_modules tests/out dist

tools:
	@.ci/need tools

debian:
	@.ci/need debian

$(STAMPS)/web-packages: web/package-lock.json
	npm --prefix web ci --no-audit --no-fund --loglevel=error
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/clients: tests/clients/package-lock.json
	npm --prefix tests/clients ci --no-audit --no-fund --loglevel=error
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/web: $(STAMPS)/web-packages $(WEB_SOURCES)
	npm --prefix web run --silent build
	@mkdir -p $(STAMPS) && touch $@
