.DEFAULT_GOAL := help
.PHONY: help demo test t check fmt servers bench eval peers attack growth opinion prove samples clean

PYTHON ?= python3
STORE ?= local
FUZZ ?= 2000
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
# Threads of BLAS only fight with the worker processes.
export OPENBLAS_NUM_THREADS := 1

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "kb needs Python 3.11 or newer; set PYTHON=/path/to/python"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY) ## answer five questions about a sample company (STORE=weaviate: on a real server)
	@PATH="$(abspath $(BIN)):$$PATH" STORE=$(STORE) sh data/demo.sh

test: check ## lint, types, imports and all tests
	$(BIN)/python -m pytest -n 2

t: $(READY) ## unit tests only, in seconds
	$(BIN)/python -m pytest -n 2 tests/unit

check: $(READY) ## lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fmt: $(READY) ## format and mend what can be mended
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

servers: $(READY) ## build the real servers that tests need (Go; cached)
	$(BIN)/python -m tests.servers.weaviate build

eval: $(READY) ## questions of six sets: retrieval, refusal, answers, quotes, beside plain BM25
	$(BIN)/python -m bench.retrieval
	$(BIN)/python -m bench.extraction

peers: $(READY) ## the same questions to LanceDB, LangChain, LlamaIndex and Haystack
	$(BIN)/python -m bench.peers

bench: $(READY) ## speed: ingest, search, cold start, requests a second
	$(BIN)/python -m bench.speed

attack: $(READY) ## hostile files, trees and races, mutated files (FUZZ: how many a loader)
	$(BIN)/python -m bench.hostile
	$(BIN)/python -m bench.trees
	$(BIN)/python -m bench.fuzz --count $(FUZZ)

growth: $(READY) ## 10,000 documents: memory, speed by stage, beside the bare LanceDB script
	$(BIN)/python -m bench.growth

opinion: $(READY) ## the text of PDF and Office files beside two other readers
	$(BIN)/python -m bench.second_opinion

prove: $(READY) ## full counts of every figure; writes bench/results
	for part in kills together full_disk deletion faces retrieval extraction stores languages peers speed hostile trees fuzz growth second_opinion; do $(BIN)/python -m bench.$$part || exit 1; done

samples: $(READY) ## build data/samples from data/sources
	$(BIN)/python data/build_samples.py

clean: ## remove the environment and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
