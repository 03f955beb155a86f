# The commands of the README. PREFIX is where `make install` puts things.
PREFIX ?= $(HOME)/.local
CORPUS ?=
DATA ?=
ABLATE ?=
PROGRAMS = pan convoy-start convoy-watch convoy-agent convoy-ctl convoy-merge convoy-lint convoy-review convoy-dashboard

.PHONY: demo test test-clis test-web lint bench bench-web score dist install uninstall

## review real files with the built-in rules, from nothing
demo:
	@scripts/demo

## all tests (CONVOY_FULL=1: also the long sweeps)
test:
	@scripts/require
	@echo "building the programs and their tests (debug) with cargo" >&2
	@cargo build --quiet --workspace --bins
	cargo test --workspace

## the tests with the real agent CLIs: installs all four (npm) below .clis/, asks no service
test-clis:
	@scripts/require
	@scripts/clis
	@cargo build --quiet --workspace --bins
	CONVOY_REQUIRE_CLIS="claude codex gemini opencode" cargo test -p convoy-tests --test clis

## the page of the dashboard in a real browser (chromium, Node 18)
test-web:
	@scripts/test-web

## what CI checks besides the tests
lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

## figures, as ratios against a floor measured in the same run
bench:
	cargo build --quiet --release --workspace --bins
	cargo bench -p convoy-tests --bench figures
	CONVOY_BIN_DIR=$(CURDIR)/target/release cargo bench -p convoy-dashboard --bench figures

## figures of the page, in a real browser
bench-web:
	@scripts/test-web figures

## extraction and deduplication on labelled reviews: make score CORPUS=DIR or DATA=DIR; ABLATE=1 drops each rule in turn
score:
	@test -n "$(CORPUS)$(DATA)" || { echo "usage: make score CORPUS=DIR | DATA=DIR [ABLATE=1]" >&2; exit 2; }
	cargo run --quiet --release -p convoy-merge --example score -- $(CORPUS) $(DATA) $(if $(ABLATE),--ablate)

## a tarball of static programs in target/dist
dist:
	@scripts/dist $(PROGRAMS)

install:
	@scripts/require
	cargo build --release --workspace --bins
	@PREFIX="$(PREFIX)" scripts/install $(PROGRAMS)

uninstall:
	@PREFIX="$(PREFIX)" scripts/install --remove $(PROGRAMS)
