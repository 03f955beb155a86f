# The commands of the README. PREFIX is where `make install` puts things.
PREFIX ?= $(HOME)/.local
CORPUS ?=
SEED ?= $(or $(CONVOY_SEED),1)
MINUTES ?= 15
DATA ?=
ABLATE ?=
PROGRAMS = pan convoy-start convoy-watch convoy-agent convoy-ctl convoy-inspect convoy-merge convoy-lint convoy-review convoy-comment convoy-dashboard convoy-mcp convoy-notify

.PHONY: demo test test-all test-api test-clis test-mcp test-slurm test-web sweep-kills sweep-errors soak lint bench bench-web scale score quality dist install uninstall

## review real files with the built-in rules, from nothing
demo:
	@scripts/demo

## all tests (CONVOY_FULL=1: also the long sweeps)
test:
	@scripts/require
	@echo "building the programs and their tests (debug) with cargo" >&2
	@scripts/build --workspace --bins
	cargo test --workspace --no-fail-fast

## the tests with the real agent CLIs: installs them (npm) below .clis/, asks no service (NEWEST=1: at their newest versions)
test-clis:
	@scripts/require
	@scripts/clis $(if $(NEWEST),--newest)
	@scripts/build --workspace --bins
	CONVOY_REQUIRE_CLIS="claude codex gemini opencode qwen pi copilot" cargo test -p convoy-tests --test clis

## the MCP server with the real agent CLIs, which wait for one convoy of 8 minutes all at once
test-mcp:
	@scripts/require
	@scripts/clis claude codex gemini opencode
	@scripts/build --workspace --bins
	CONVOY_FULL=1 CONVOY_REQUIRE_CLIS="claude codex gemini opencode" cargo test -p convoy-tests --test mcp

## the page of the dashboard in a real browser (chromium, Node 18)
test-web:
	@scripts/test-web

## every error at every system call of every program, injected by strace (POINTS=N: so many of each, chosen by SEED)
sweep-errors:
	@scripts/build --workspace --bins
	CONVOY_SEED=$(SEED) $(if $(POINTS),CONVOY_POINTS=$(POINTS),CONVOY_FULL=1) \
		cargo test -p convoy-tests --test errors -- --nocapture --test-threads=1

## many callers, killers and agents that misbehave: make soak SEED=… MINUTES=… (a third each: in tmux, without, on a small disk)
soak:
	@scripts/build --workspace --bins
	CONVOY_SEED=$(SEED) CONVOY_SOAK_SECONDS=$$(($(MINUTES) * 20)) \
		cargo test -p convoy-tests --test soak -- --nocapture --test-threads=1

## what CI checks besides the tests
lint:
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --quiet

## figures, as ratios against a floor measured in the same run
bench:
	cargo build --quiet --release --workspace --bins
	CONVOY_FULL=1 cargo bench -p convoy-tests --bench figures
	scripts/bench-build demo
	scripts/bench-build test
	CONVOY_BIN_DIR=$$(scripts/target-dir)/release cargo bench -p convoy-dashboard --bench figures

## the dashboard's API at random (schemathesis, from PyPI)
test-api:
	@scripts/fuzz-api

## every program killed at every system call it makes
sweep-kills:
	@scripts/build --workspace --bins
	CONVOY_SEED=$(SEED) CONVOY_FULL=1 cargo test -p convoy-tests --test syscalls -- --nocapture --test-threads=1

## everything, whole: what `.ci/run full` takes samples of
test-all: test test-clis test-mcp test-slurm test-web test-api sweep-kills sweep-errors soak

## agents on nodes of a Slurm cluster and over ssh, both on loopback
test-slurm:
	@scripts/require
	@scripts/build --workspace --bins
	CONVOY_FULL=1 cargo test -p convoy-tests --test slurm --test ssh

## what one host spends on agents that are placed elsewhere (AGENTS=1000)
scale:
	cargo build --quiet --release --workspace --bins
	@scripts/scale $(or $(AGENTS),100)

## figures of the page, in a real browser
bench-web:
	@scripts/test-web figures

## extraction and deduplication on labelled reviews: make score CORPUS=DIR or DATA=DIR; ABLATE=1 drops each rule in turn
score:
	@test -n "$(CORPUS)$(DATA)" || { echo "usage: make score CORPUS=DIR | DATA=DIR [ABLATE=1]" >&2; exit 2; }
	cargo run --quiet --release -p convoy-merge --example score -- $(CORPUS) $(DATA) $(if $(ABLATE),--ablate)

## what a second look at findings is worth, on small repositories with known defects, by scripted models
quality:
	@scripts/require
	@scripts/build --workspace --bins
	CONVOY_FULL=1 cargo test -p convoy-tests --test quality -- --nocapture --test-threads=1

## a tarball of static programs, in dist/ of the target directory
dist:
	@scripts/dist $(PROGRAMS)

install:
	@scripts/require
	@scripts/build --release --workspace --bins
	@PREFIX="$(PREFIX)" scripts/install $(PROGRAMS)

uninstall:
	@PREFIX="$(PREFIX)" scripts/install --remove $(PROGRAMS)
