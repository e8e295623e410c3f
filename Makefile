# kafka_cdc_sink: PGXS build and the daily targets. `make help` lists them.
EXTENSION = kafka_cdc_sink
MODULE_big = kafka_cdc_sink
DATA = $(wildcard sql/kafka_cdc_sink--*.sql)

ROOMS = core debezium pipeline kafka http postgres entry
OBJS = $(patsubst %.cpp,%.o,$(wildcard $(ROOMS:%=src/%/*.cpp)))

PG_CONFIG ?= pg_config
# Server headers as system headers; one visibility rule on every version (R54).
WARN = -Wall -Wextra -Werror -Wno-register
PG_CXXFLAGS = -std=c++17 $(WARN) -fvisibility=hidden -fvisibility-inlines-hidden -MMD -MP \
	-isystem $(shell $(PG_CONFIG) --includedir-server)
PG_CPPFLAGS = -I$(srcdir)/src '-DKCS_VERSION="$(shell sed -n "s/^default_version = '\(.*\)'/\1/p" $(EXTENSION).control)"' '-DPGDLLEXPORT=__attribute__((visibility("default")))'
SHLIB_LINK = -lrdkafka -lmicrohttpd -lprometheus-cpp-core -lstdc++

EXTRA_CLEAN = build $(OBJS:.o=.d) src/http/status_page.inc

# Nothing here is worth inlining, and clang would compile without PG_CXXFLAGS (R55).
override with_llvm = no
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)
# -isystem must win over the -I of the same directory that PGXS adds.
override CPPFLAGS := $(filter-out -I$(shell $(PG_CONFIG) --includedir-server),$(CPPFLAGS))

srcdir ?= .
-include $(OBJS:.o=.d)

# The page for people, as a literal; under a name of its own first, so that nobody reads half of it.
src/http/status_page.inc: src/http/embed_page.sh src/http/status_page.html
	sh $^ >$@.$$$$ && mv $@.$$$$ $@
src/http/status_page.o: src/http/status_page.inc

# ---- tests and tools --------------------------------------------------------------------------
UNIT_ROOMS = core debezium pipeline kafka http
UNIT_SANITIZE ?=
UNIT_COVERAGE ?=
UNIT_DIR = build/unit$(if $(UNIT_SANITIZE),-$(subst $(comma),-,$(UNIT_SANITIZE)))$(if $(UNIT_COVERAGE),-coverage)
comma = ,
UNIT_SRC = $(wildcard $(UNIT_ROOMS:%=src/%/*.cpp) test/unit/*.cpp)
UNIT_OBJ = $(UNIT_SRC:%.cpp=$(UNIT_DIR)/%.o)
UNIT_FLAGS = -std=c++17 -g -O1 -Wall -Wextra -Werror -MMD -MP -Isrc -Itest/unit \
	$(if $(UNIT_SANITIZE),-fsanitize=$(UNIT_SANITIZE) -fno-omit-frame-pointer -fno-sanitize-recover=all) \
	$(if $(UNIT_COVERAGE),--coverage)

$(UNIT_DIR)/%.o: %.cpp
	@mkdir -p $(@D)
	$(CXX) $(UNIT_FLAGS) -c $< -o $@
$(UNIT_DIR)/src/http/status_page.o: src/http/status_page.inc
$(UNIT_DIR)/unit: $(UNIT_OBJ)
	$(CXX) $(UNIT_FLAGS) $^ -o $@ -lgtest -lgmock -lgtest_main -lrdkafka -lmicrohttpd -lprometheus-cpp-core -lpthread
-include $(UNIT_OBJ:.o=.d)

.PHONY: unit coverage fuzz regress prove lint format help mockbroker
unit: $(UNIT_DIR)/unit ## unit tests of the pure rooms; TEST=pattern, UNIT_SANITIZE=address,undefined
	$< --gtest_brief=1 $(if $(TEST),--gtest_filter='*$(TEST)*')

coverage: ## lines of the pure rooms that their unit tests reach (needs gcovr)
	$(MAKE) unit UNIT_COVERAGE=1
	gcovr --root . --filter src/ --print-summary build/unit-coverage

# RapidJSON 1.1.0 adds to a null pointer in its empty stack: hence no pointer-overflow.
FUZZ_CXX ?= clang++
FUZZ_SECONDS ?= 30
FUZZ_SRC = test/fuzz/decoder_fuzz.cpp $(wildcard src/core/*.cpp src/debezium/*.cpp)
FUZZ_OBJ = $(FUZZ_SRC:%.cpp=build/fuzz/%.o)
FUZZ_FLAGS = -std=c++17 -g -O1 -MMD -MP -Isrc -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=all -fno-sanitize=pointer-overflow -fno-omit-frame-pointer
build/fuzz/%.o: %.cpp
	@mkdir -p $(@D)
	$(FUZZ_CXX) $(FUZZ_FLAGS) -c $< -o $@
build/fuzz/decoder_fuzz: $(FUZZ_OBJ)
	$(FUZZ_CXX) $(FUZZ_FLAGS) $^ -o $@
-include $(FUZZ_OBJ:.o=.d)

fuzz: build/fuzz/decoder_fuzz $(UNIT_DIR)/unit ## libFuzzer on the decoder for FUZZ_SECONDS, seeded by the records of the unit tests
	test/fuzz/run.sh $^ $(FUZZ_SECONDS)

mockbroker: build/mockbroker build/kafkaclient build/slow_resolver.so ## librdkafka's mock cluster as a program, and a client of a real one
build/mockbroker build/kafkaclient: build/%: test/%/main.cpp $(wildcard test/mockbroker/*.hpp)
	@mkdir -p $(@D)
	$(CXX) -std=c++17 -g -O1 -Wall -Wextra -Werror -Itest $< -o $@ -lrdkafka -lpthread
build/slow_resolver.so: test/lib/slow_resolver.c
	@mkdir -p $(@D)
	$(CC) -shared -fPIC -Wall -Wextra -Werror $^ -o $@ -ldl

regress: ## pg_regress on a temporary server, of what is installed; TEST=name for one
	test/check.sh $(TEST)

prove: mockbroker ## TAP tests; TEST=name for one
	test/prove.sh $(TEST)

lint: ## include rule, file lengths, settings sorted and documented, format
	test/lint.sh
format: ## clang-format everything
	clang-format -i $(wildcard src/*/*.cpp src/*/*.hpp test/unit/*.cpp test/unit/*.hpp test/mockbroker/*.cpp test/bench/generate/*.cpp test/bench/generate/*.hpp)

help:
	@sed -n 's/^\([a-z]*\):.*## /\1: /p' $(firstword $(MAKEFILE_LIST))
