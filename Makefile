# SPDX-License-Identifier: GPL-3.0-or-later
# The front door: what people type. Everything is built by meson; see docs/hacking.md.
#
#   make run [ARGS="file.torrent"]   install what is missing, build, open the window
#   make check                       all tests and checks; ends with "N passed, N failed"
#   make demo                        a small swarm on this computer, and the program downloading from it
#   make bench | asan | fuzz | soak | format | screenshots
#   make install [PREFIX=/usr/local] [DESTDIR=]

BUILD ?= build
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 120
SOAK_ROUNDS ?= 50
ARGS ?=

.PHONY: all build run demo check bench asan fuzz soak install uninstall format screenshots clean

all: build

$(BUILD)/build.ninja:
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

# The tests whose outcome depends on chance and timing, again and again until one fails.
soak: build
	meson test -C $(BUILD) --suite unit --suite simulation --suite integration --repeat $(SOAK_ROUNDS) --maxfail 1

install:
	@scripts/install-dependencies build
	@if [ -e $(BUILD)-install/build.ninja ]; then meson configure $(BUILD)-install --prefix=$(PREFIX); \
	else meson setup $(BUILD)-install --prefix=$(PREFIX) --buildtype=release -Dtests=false; fi
	meson install -C $(BUILD)-install

uninstall:
	ninja -C $(BUILD)-install uninstall

format:
	clang-format -i $$(find src tests -name '*.[ch]')

screenshots: build
	@scripts/install-dependencies all
	meson test -C $(BUILD) --suite screenshots --verbose

clean:
	rm -rf $(BUILD) $(BUILD)-install build-check
