# make demo   two sample services and the gateway in front of them, live in the terminal
# make test   everything that CI runs: style, types, tests
# make benchmark, soak, verdict-experiments: measurements, with results in benchmarks/results and docs
# make picture: the README's picture, taken of a running demo
SHELL := /bin/bash
VENV ?= .venv
PY := $(VENV)/bin/python
SYSTEM_PYTHON ?= python3

.PHONY: demo test check unit benchmark soak verdict-experiments picture install clean

demo: install
	@$(PY) -m understudy.demo

test: install-dev packages check unit

check: install-dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/mypy

unit: install-dev
	$(PY) -m pytest

benchmark: install-dev
	@scripts/packages wrk
	$(PY) -m benchmarks.gateway

soak: install-dev
	$(PY) -m benchmarks.soak

verdict-experiments: install-dev
	$(PY) -m benchmarks.verdict_experiments

picture: install-dev
	$(PY) -m understudy.demo.picture docs/demo.svg

install: $(VENV)/.installed
install-dev: $(VENV)/.installed-dev

$(VENV)/.installed: pyproject.toml
	@scripts/venv $(SYSTEM_PYTHON) $(VENV)
	@$(PY) -m pip install --quiet --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml
	@scripts/venv $(SYSTEM_PYTHON) $(VENV)
	@$(PY) -m pip install --quiet --editable '.[dev]'
	@touch $@ $(VENV)/.installed

.PHONY: packages
packages:
	@scripts/packages

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
