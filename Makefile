# The two commands are `make run` and `make test`; both set up what they need.
PYTHON ?= python3
PORT ?=
# Tests run in so many processes: more than two servers and browsers on a small machine get in each other's way.
WORKERS ?= 2
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1
# What Python compiles is kept: each test process, server and worker would compile it anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run setup setup-dev test lint unit browser screenshots bench soak pins clean

run: setup
	@$(BIN)/python -m core.cli serve $(if $(PORT),--port $(PORT))

setup: $(VENV)/.run
setup-dev: $(VENV)/.dev

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Hourglass needs Python 3.11 or newer: make run PYTHON=/path/to/python3.11"; exit 2; }
	@free=$$(df -Pk . | awk 'NR==2 {print $$4}'); [ "$$free" -gt 3000000 ] || { echo "Hourglass needs 3 GB of free disk to install, here are $$((free / 1000)) MB: free some, then try again"; exit 2; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --requirement requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt | $(VENV)/bin/python
	$(BIN)/pip install --quiet --requirement requirements-dev.txt
	@touch $@ $(VENV)/.run

test: lint unit browser

lint: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy

unit: setup-dev
	$(BIN)/python -m pytest tests --ignore tests/browser -n $(WORKERS) --dist loadfile --no-loadscope-reorder

browser: setup-dev
	$(BIN)/python -m pytest tests/browser -n $(WORKERS) --dist loadfile --no-loadscope-reorder

# The README's picture, taken by the tests.
screenshots: browser
	cp artefacts/anomalies.png docs/anomalies.png

soak: setup-dev
	HOURGLASS_KILLS=500 $(BIN)/python -m pytest tests/core/jobs/test_kills.py --timeout 7200

bench: setup-dev
	$(BIN)/pip install --quiet --no-deps --requirement benchmarks/requirements.txt
	$(BIN)/python -m benchmarks.throughput
	$(BIN)/python -m benchmarks.first_epoch
	$(BIN)/python -m benchmarks.estimate
	$(BIN)/python -m benchmarks.reading
	$(BIN)/python -m benchmarks.profile
	$(BIN)/python -m benchmarks.images
	$(BIN)/python -m benchmarks.convolutional
	$(BIN)/python -m benchmarks.detection
	$(BIN)/python -m benchmarks.series
	$(BIN)/python -m benchmarks.one_class
	$(BIN)/python -m benchmarks.rare_class
	$(BIN)/python -m benchmarks.mixed
	$(BIN)/python -m benchmarks.explainer
	$(BIN)/python -m benchmarks.maps
	$(BIN)/python -m benchmarks.placement
	$(BIN)/python -m benchmarks.linked_maps
	$(BIN)/python -m benchmarks.page_switch
	$(BIN)/python -m benchmarks.families
	$(BIN)/python -m benchmarks.presets
	$(BIN)/python -m benchmarks.error_alone
	$(BIN)/python -m benchmarks.doctor
	$(BIN)/python -m benchmarks.thresholds
	$(BIN)/python -m benchmarks.triage
	$(BIN)/python -m benchmarks.larger_than_memory
	$(BIN)/python -m benchmarks.drift
	$(BIN)/python -m benchmarks.drift_runs
	$(BIN)/python -m benchmarks.faults
	$(BIN)/python -m benchmarks.cases
	$(BIN)/python -m benchmarks.peers
	$(BIN)/python -m benchmarks.gpu

# Writes the pins. The GPU libraries that torch brings on some machines come with torch itself.
pins:
	uv pip compile --no-header --no-annotate --python-version 3.11 requirements.in | grep -viE '^(nvidia-|triton|cuda-)' > requirements.txt
	uv pip compile --no-header --no-annotate --python-version 3.11 requirements-dev.in | grep -viE '^(nvidia-|triton|cuda-)' > requirements-dev.txt

clean:
	rm -rf $(VENV) artefacts
