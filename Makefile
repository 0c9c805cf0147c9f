# Verbs. The build itself is Meson's: see CONTRIBUTING.md.
#
#   make run      build, check the example, write out/report.html; start the nodes of three
#                 parties, play a day on them, and leave them running
#   make test     everything that must pass, summed up in the last line
#   make check    only the checks of the sources (seconds)
#   make asan|tsan|fuzz|bench|cover     one kind of test alone
#   make format   lay out the sources
#   make install  [PREFIX=/usr/local] [DESTDIR=]
#   make deb      a Debian package in out/
PREFIX ?= /usr/local
FUZZ_MINUTES ?= 10

.PHONY: run test check asan tsan fuzz bench cover format install deb clean

run:
	@scripts/setup run
	@scripts/run-example
	@scripts/run-node

test:
	@scripts/setup test
	@scripts/test

check:
	@scripts/setup test
	@scripts/test dev checks

asan tsan:
	@scripts/setup test
	@scripts/test $@

fuzz:
	@scripts/setup test
	@scripts/fuzz $$(( $(FUZZ_MINUTES) * 60 ))

bench:
	@scripts/setup bench
	@scripts/bench

cover:
	@scripts/setup test
	@scripts/cover

format:
	@find src include tests fuzz bench examples \( -name '*.[ch]' -o -name '*.cc' -o -name '*.cpp' \) \
	    -exec clang-format -i {} +

install: build/install/build.ninja
	ninja -C build/install
	meson install -C build/install --no-rebuild $(if $(DESTDIR),--destdir $(DESTDIR))

build/install/build.ninja:
	@scripts/setup run
	meson setup --buildtype=release -Dtests=false -Dwerror_all=false --prefix=$(PREFIX) \
	    build/install

deb:
	@packaging/build-deb

clean:
	rm -rf build out
