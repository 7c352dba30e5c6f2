# SPDX-License-Identifier: GPL-3.0-or-later
# The front door: what people type. Everything is built by meson; see docs/hacking.md.
#
#   make run [ARGS="file.torrent"]   install what is missing, build, open the window
#   make check                       all tests and checks; ends with "N passed, N failed"
#   make demo                        a small swarm on this computer, and the program downloading from it
#   make bench                       beside other clients, and the benchmarks
#   make asan | fuzz [FUZZ_SECONDS=120]
#   make soak [MINUTES=60]           a mixed swarm that goes on, and whether the program grows; then 300 kills
#   make repeat [ROUNDS=50]          the tests that depend on chance and timing, until one fails
#   make flatpak-check               the Flatpak: built here, and used in its sandbox
#   make format | screenshots | clean
#   make install [PREFIX=/usr/local] [DESTDIR=]

BUILD ?= build
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 120
MINUTES ?= 60
ROUNDS ?= 50
ARGS ?=

.PHONY: all build run demo check bench asan fuzz soak repeat flatpak-check install uninstall format screenshots clean

all: build

$(BUILD)/build.ninja:
	@scripts/install-dependencies build
	meson setup $(BUILD)

build: $(BUILD)/build.ninja
	@ninja -C $(BUILD)

run:
	@scripts/install-dependencies build
	@$(MAKE) --no-print-directory build
	@scripts/run $(BUILD) $(ARGS)

demo:
	@scripts/install-dependencies build
	@$(MAKE) --no-print-directory build
	@scripts/demo $(BUILD) $(ARGS)

check:
	@scripts/check

bench:
	@scripts/install-dependencies all
	@$(MAKE) --no-print-directory build
	@scripts/bench $(BUILD) $(ARGS)

asan:
	@scripts/check dependencies asan

fuzz:
	@FUZZ_SECONDS=$(FUZZ_SECONDS) scripts/check dependencies fuzz

soak:
	@scripts/install-dependencies all
	@$(MAKE) --no-print-directory build
	@scripts/soak $(BUILD) --minutes $(MINUTES) $(ARGS)

repeat:
	@scripts/install-dependencies all
	@$(MAKE) --no-print-directory build
	meson test -C $(BUILD) --suite unit --suite simulation --suite integration --repeat $(ROUNDS) --maxfail 1

flatpak-check:
	@scripts/flatpak-check

install:
	@scripts/install-dependencies build
	@if [ -e $(BUILD)-install/build.ninja ]; then meson configure $(BUILD)-install --prefix=$(PREFIX); \
	else meson setup $(BUILD)-install --prefix=$(PREFIX) --buildtype=release -Dtests=false; fi
	meson install -C $(BUILD)-install
	@if [ -n "$$SUDO_UID" ]; then chown -R "$$SUDO_UID:$$SUDO_GID" $(BUILD)-install; fi

uninstall:
	ninja -C $(BUILD)-install uninstall

format:
	clang-format -i $$(find src tests -name '*.[ch]')

screenshots: build
	@scripts/install-dependencies all
	meson test -C $(BUILD) --suite screenshots --verbose

clean:
	rm -rf $(BUILD) $(BUILD)-install build-check
