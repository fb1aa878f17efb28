# Coatscope: the commands of the house. `make demo` and `make test` need
# nothing but a Debian 12 and a network; see README.md.
#
# SPDX-License-Identifier: GPL-3.0-or-later
SHELL = /bin/bash
ifeq ($(origin CC),default)
CC = gcc
endif
export CC

PREFIX ?= /usr/local
DESTDIR ?=

.PHONY: build demo test bench bench-accuracy lint fuzz install clean help

# The program, at build/coatscope.
build:
	@tools/install-deps.sh build
	@echo "Building Coatscope (the first time some minutes) …"
	@tools/build.sh build
	@echo "The program is build/coatscope; make install PREFIX=DIR installs it."

# Two simulated recordings, measured: demo/results/report.html.
demo: build
	@tools/demo.sh

# Every check there is; the last line says how many passed and failed.
test:
	@tools/install-deps.sh build test
	@tools/install-deps.sh peers \
	  || echo "Without these programs the tests that need them are skipped."
	@tools/install-deps.sh browser \
	  || echo "Without these programs the tests of the page are skipped."
	@! command -v npm >/dev/null || (cd web && npm ci --silent) \
	  || echo "Without node_modules the tests of the page are skipped."
	@tools/run-tests.sh

# Speed, beside other programs on the same recordings.
bench: build
	@tools/install-deps.sh bench
	@tools/bench.sh

# Area error against dose, size, contrast, drift and crowding, beside the bound
# of theory: bench/accuracy/ (FULL=1: all points, an hour).
bench-accuracy: build
	@tools/install-deps.sh bench
	@/usr/bin/python3 tools/bench_accuracy.py $(if $(FULL),--full)

# Style: the rules of CONTRIBUTING.md, clang-tidy, shellcheck.
lint:
	@tools/install-deps.sh build test lint
	@tools/lint.sh

# A minute of fuzzing per target (FUZZ_SECONDS=600 for more).
fuzz:
	@tools/install-deps.sh build fuzz
	@tools/fuzz.sh

# The program, the library, its headers and documents under PREFIX.
install: build
	@tools/install.sh "$(PREFIX)" "$(DESTDIR)"

clean:
	rm -rf build build-* demo

help:
	@sed -n 's/^# \(.*\)/  \1/p; s/^\([a-z-]*\):.*/\1/p' Makefile
