# The only entry: `make` alone says what there is.
# A machine must have Python 3.11 (with venv) and make. Everything else comes hash-locked into .venv and .run.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
# A dozen programs start together: they must find byte code, and not compile each for itself.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
# `make UV= …` installs with pip alone, five times slower.
UV ?= .venv/bin/uv
BIN := $(abspath .venv/bin)
export PATH := $(BIN):$(PATH)
export VIRTUAL_ENV := $(abspath .venv)

SERVICES := members invoicing payroll guarantee governance
PACKAGE_ROOTS := shared $(addprefix services/,$(SERVICES)) gateway .
PYPROJECTS := $(wildcard shared/pyproject.toml services/*/pyproject.toml gateway/pyproject.toml simulators/pyproject.toml)
NPM_FOLDERS := $(patsubst %/package-lock.json,%,$(wildcard gateway/package-lock.json tests/browser/package-lock.json))
NPM_STAMPS := $(addsuffix /node_modules/.stamp,$(NPM_FOLDERS))
# Tests that need neither a database nor a broker: seconds.
FAST_TESTS := $(wildcard services/*/tests/domain tests/architecture tests/simulation local/tests/test_jars.py)
WORKERS ?= 2
SEEDS ?= 1000
FIRST_SEED ?= 0

# Each part by itself: services deploy apart, and their tests may have the same names.
TYPED_PARTS := conftest.py shared $(addprefix services/,$(SERVICES)) gateway local simulators deploy tests
CHECK_TYPES = for part in $(TYPED_PARTS); do mypy --strict $$part; done

# $(call phase,name,command): run, and say how long it took.
define phase
@began=$$(date +%s.%N); echo "── $(1)"; $(2); printf '── $(1): %.1f s\n' "$$(echo "$$(date +%s.%N) $$began" | awk '{print $$1-$$2}')"
endef

.PHONY: help
help: ## Say what there is
	@echo "make TARGET, where TARGET is"
	@sed -n 's/^\([a-z][a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18
	@echo
	@echo "Variables: COUNTRIES=be (or be,fr,hu)  PORT_BASE=4000 (0: any free ports)  RUN_DIR=.run  PYTHON=python3  UV= (install with pip)"

# ── running ──────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: run
run: setup ## Start everything, play the story, serve until Ctrl-C
	@exec $(BIN)/python -m local up

.PHONY: story
story: setup ## Start, play the story once, stop; status 0 or 1
	@exec $(BIN)/python -m local story

.PHONY: stop
stop: .venv/.stamp ## Stop what `make run` started
	@$(BIN)/python -m local stop

.PHONY: status
status: .venv/.stamp ## What runs, and whether it is ready
	@$(BIN)/python -m local status

.PHONY: doctor
doctor: .venv/.stamp ## Whether all is well, in sentences, and what to do where it is not
	@$(BIN)/python -m local doctor

.PHONY: operate
operate: .venv/.stamp ## A service's own command (SERVICE=payroll COMMAND="parked": look at what waits)
	@$(BIN)/python -m local operate $(SERVICE) $(COMMAND)

.PHONY: logs
logs: .venv/.stamp ## Follow the logs (NAME=payroll-worker for one)
	@exec $(BIN)/python -m local logs --follow $(NAME)

.PHONY: psql
psql: .venv/.stamp ## Open a database (SERVICE=invoicing)
	@exec $(BIN)/python -m local psql $(SERVICE)

.PHONY: topics
topics: .venv/.stamp ## Kafka's topics, their partitions and records
	@$(BIN)/python -m local kafka-topics

.PHONY: clean
clean: .venv/.stamp ## Delete the data of the local stack
	@$(BIN)/python -m local clean

# ── testing ──────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: test
test: setup ## Lint, types, and every test
	$(call phase,lint,ruff check . && ruff format --check .)
	$(call phase,types,$(CHECK_TYPES))
	$(call phase,fast tests,pytest $(FAST_TESTS))
	@echo "── every other test, $(WORKERS) at a time"
	@pytest -n $(WORKERS) --dist loadgroup $(addprefix --ignore=,$(FAST_TESTS))

# Built once from Go modules into .cache/cluster. Where that cannot be, the layers say "not run", and the status is 1.
.PHONY: test-cluster
test-cluster: setup ## The charts on a real Kubernetes control plane, with simulated nodes (Go 1.26, 3.5 GB of memory)
	$(call phase,control plane,$(BIN)/python -m deploy.cluster build)
	$(call phase,layers 6 and 7,pytest -vv --no-header -m cluster --durations=0 --durations-min=1 deploy/cluster/tests)

.PHONY: test-fast
test-fast: .venv/.stamp ## The tests that need neither database nor broker
	@pytest $(FAST_TESTS)

.PHONY: simulation
simulation: .venv/.stamp ## Delivery and the wage promise under SEEDS=1000 schedules (FIRST_SEED=0)
	@SEEDS=$(SEEDS) FIRST_SEED=$(FIRST_SEED) pytest -n $(WORKERS) --dist load tests/simulation

.PHONY: hostile
hostile: setup ## Bad input of every kind at every argument of every field (HOSTILE_SEED=1)
	@HOSTILE_EACH=all pytest -n $(WORKERS) --dist loadgroup $(wildcard services/*/tests/api/test_hostile_input.py tests/e2e/test_hostile_*.py)

.PHONY: broker-check
broker-check: setup ## The 19 things that are expected of a broker, one by one
	@pytest -vv --no-header --durations=0 --durations-min=0.01 tests/conformance

.PHONY: matrix
matrix: setup ## Try every line of permissions.md as everybody, at each service and through the gateway
	@MATRIX=1 pytest tests/permissions tests/e2e/test_who_may_do_what.py

.PHONY: chaos
chaos: setup ## Stories under fire, summed over seeds (STORIES=480 SEED= STORIES_PER_RUN=480 WAVE=120 GAP=20)
	@$(BIN)/python -m tests.chaos run $(if $(SEED),--seed $(SEED)) --stories $(or $(STORIES),480) \
	  --stories-per-run $(or $(STORIES_PER_RUN),480) --wave $(or $(WAVE),120) --gap $(or $(GAP),20)

.PHONY: chaos-disk
chaos-disk: setup ## Stories on a disk that is filled to the last byte
	@$(BIN)/python -m tests.chaos.disk

.PHONY: mutants
mutants: setup ## Faults put into copies of the product: the checker must catch each (MUTANTS='mark before ack')
	@$(BIN)/python -m tests.chaos.catching $(if $(MUTANTS),'$(MUTANTS)')

.PHONY: lint
lint: .venv/.stamp ## Look for mistakes and untidy files
	@ruff check . && ruff format --check .

.PHONY: types
types: .venv/.stamp ## Check the types
	@$(CHECK_TYPES)

.PHONY: format
format: .venv/.stamp ## Put the files in order
	@ruff check --fix . ; ruff format .

.PHONY: law-check
law-check: .venv/.stamp ## Which parameters of the law were not checked for a day (DAY=2027-01-15)
	@$(BIN)/python -m commons.law $(DAY)

.PHONY: new-country
new-country: .venv/.stamp ## Make every file that a further country needs, to be filled (CC=pl LIKE=be)
	@$(BIN)/python -m deploy.new_country "$(CC)" --like "$(or $(LIKE),be)"

.PHONY: country-check
country-check: .venv/.stamp ## What of a country is still empty, in sentences (CC=pl)
	@$(BIN)/python -m deploy.new_country "$(CC)" --check

.PHONY: explain
explain: .venv/.stamp ## Why a month's wage gives its net, down to the law (CC=fr GROSS=3000.00 TOLD="children=2")
	@$(BIN)/python -m payroll.documents.explain $(or $(CC),be) $(or $(GROSS),3000.00) $(addprefix --told ,$(TOLD)) \
	  $(if $(DAY),--day $(DAY)) $(if $(REGIME),--regime $(REGIME)) $(if $(LANGUAGE),--language $(LANGUAGE))
.PHONY: upgrade-drill
upgrade-drill: setup ## Replace every process under load, twice: no request may fail (minutes)
	@$(BIN)/python -m deploy.drills.upgrade

.PHONY: restore-drill
restore-drill: setup ## Restore payroll alone in the middle of its stories, then lose Kafka: the bank judges (minutes)
	@$(BIN)/python -m deploy.drills.restore $(if $(SEED),--seed $(SEED)) $(if $(STORIES),--stories $(STORIES))

.PHONY: old-on-new
old-on-new: setup ## The service tests of the release before on today's migrations (OLD=rev, SERVICES_TRIED="payroll")
	@$(BIN)/python -m deploy.drills.old_on_new --workers $(WORKERS) $(if $(OLD),--old $(OLD)) $(if $(SERVICES_TRIED),--services $(SERVICES_TRIED))

# ── measuring ────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: bench
bench: setup tests/bench/node_modules/.stamp ## Measure, side by side with the peers (ONLY=relay for one)
	@$(BIN)/python -m tests.bench $(ONLY)

.PHONY: bench-payroll
bench-payroll: setup ## Measure the payroll of every country: payslips, simulations, budgets, PDFs; and a whole pay run
	@$(BIN)/python -m tests.bench payroll payrun

.PHONY: capacity
capacity: setup ## Measure what an engagement costs, and compute docs/capacity.md from it
	@$(BIN)/python -m deploy.capacity.measure
	@$(BIN)/python -m deploy.capacity.derive

.PHONY: capacity-page
capacity-page: .venv/.stamp ## Compute docs/capacity.md anew from what was last measured
	@$(BIN)/python -m deploy.capacity.derive

# Half a gigabyte that nothing else needs; where it cannot be had, the peers are left out of the table.
tests/bench/node_modules/.stamp: tests/bench/package-lock.json .venv/.stamp
	@echo "installing the gateways that ours is measured against"
	@cd tests/bench && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

.PHONY: oracles
oracles: .venv/.stamp .run/oracles/.stamp ## French payslips beside openfisca-france and modele-social
	@PYTHONPATH=$(CURDIR) timeout 900 $(BIN)/python -m tests.oracles

# Environments of their own: one of the two is AGPL-3.0, and nothing of either is imported by the product.
.run/oracles/.stamp: tests/oracles/requirements.lock tests/oracles/package-lock.json .venv/.stamp
	@echo "installing the engines that the French payroll is compared with into .run/oracles"
	@mkdir -p .run/oracles/node && cp tests/oracles/package.json tests/oracles/package-lock.json .run/oracles/node/
	@$(PYTHON) -m venv --clear .run/oracles/venv
	@.run/oracles/venv/bin/python -m pip install --quiet --no-deps --require-hashes --disable-pip-version-check \
	  -r tests/oracles/requirements.lock
	@cd .run/oracles/node && npm ci --ignore-scripts --no-audit --no-fund --silent
	@touch $@

# ── building ─────────────────────────────────────────────────────────────────────────────────────────────────────

.PHONY: image
image: .venv/.stamp ## Build the image of a program (PART=payroll BASE=name:tag@sha256:… TAG=0.1.0-a868b3b)
	@$(BIN)/python -m deploy.images.build "$(PART)" --base "$(BASE)" --tag "$(TAG)" --maven "$(MAVEN_REPO_URL)"

# ── what is generated and committed ──────────────────────────────────────────────────────────────────────────────

.PHONY: schema
schema: setup ## Rewrite what is generated: schemas, permissions, event examples, the supergraph
	@REWRITE_COMMITTED=1 pytest $(wildcard services/*/tests/contract) tests/permissions deploy/seeing/tests
	@$(BIN)/python -m gateway compose

.PHONY: lock
lock: .venv/.stamp ## Resolve anew: requirements.lock and jars.lock
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --custom-compile-command "make lock" --group pyproject.toml:dev --group pyproject.toml:local --group pyproject.toml:simulators \
	  $(UPGRADE) -o requirements.lock $(PYPROJECTS)
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --custom-compile-command "make lock" $(UPGRADE) tests/oracles/requirements.in -o tests/oracles/requirements.lock
	@for part in $(SERVICES) gateway; do \
	  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	    --no-annotate --custom-compile-command "make lock" --constraint requirements.lock $(UPGRADE) \
	    $$(test $$part = gateway && echo gateway/pyproject.toml || echo shared/pyproject.toml services/$$part/pyproject.toml) \
	    -o deploy/images/locks/$$part.lock; done
	@$(BIN)/python -m local lock-jars

# ── installing, from hash-locked files alone ─────────────────────────────────────────────────────────────────────

.PHONY: setup
setup: .venv/.stamp $(NPM_STAMPS) ## Install what is missing; the other targets do this by themselves
	@$(BIN)/python -m local setup

.venv/.stamp: requirements.lock
	@$(PYTHON) local/machine.py
	@echo "installing Python packages into .venv"
	@test -x .venv/bin/python || $(PYTHON) -m venv .venv
ifneq ($(UV),)
	@awk '/^[^ #]/ { on = /^uv==/ } on' requirements.lock > .venv/uv.lock
	@.venv/bin/python -m pip install --quiet --no-deps --require-hashes --disable-pip-version-check -r .venv/uv.lock
	@$(UV) pip sync --quiet --require-hashes --compile-bytecode --python .venv/bin/python requirements.lock
else
	@.venv/bin/python -m pip install --no-deps --require-hashes --disable-pip-version-check -r requirements.lock
endif
	@.venv/bin/python -c 'import site, sys; from pathlib import Path; \
	  Path(site.getsitepackages()[0], "partage.pth").write_text("".join(str(Path(root).resolve()) + "\n" for root in sys.argv[1:]))' \
	  $(PACKAGE_ROOTS)
	@touch $@

%/node_modules/.stamp: %/package-lock.json .venv/.stamp
	@echo "installing npm packages into $*/node_modules"
	@cd $* && npm ci --no-audit --no-fund --silent
	@touch $@
