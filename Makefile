# Two commands set up everything on a fresh machine: `make demo` and `make test`.
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
OUT ?= demo

.PHONY: demo test lint docs format clean oracles vendor

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "textmusic needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,docs]'
	touch $@

demo: $(VENV)/.installed
	$(BIN)/textmusic train --codec guitartab --minutes 2 --out $(OUT)/run --overwrite
	$(BIN)/textmusic sample $(OUT)/run --number 8 --seed 1 --to gp5 --to mid --to tab --out $(OUT)/music
	@if [ -d textmusic/listening/vendor ]; then $(BIN)/textmusic listen $(OUT)/run --number 8 --seed 1 --out $(OUT)/listen --title "Eight new tunes"; fi
	@echo
	@echo "Eight new tunes are in $(OUT)/music:"
	@if [ -d textmusic/listening/vendor ]; then echo "  listen    open $(OUT)/listen/index.html in a browser"; else echo "  listen    for a page that plays them install npm, then: make vendor"; fi
	@echo "  open      the .gp5 in Guitar Pro, TuxGuitar or MuseScore, the .mid in any player"
	@echo "  read      the .tab in any editor"

# Independent readers that the tests hold our files against, and what drives a browser (node).
oracles:
	cd tests/oracles && npm install --no-audit --no-fund --no-package-lock --loglevel=error

# What the listening page plays and draws with; an installation does this where npm is there.
vendor: $(VENV)/.installed
	$(BIN)/python hatch_build.py

test: $(VENV)/.installed
	@command -v npm >/dev/null && $(MAKE) --no-print-directory oracles || echo "npm is not installed: tests against alphaTab and in a browser will be skipped"
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --dist loadfile

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(VENV)/.installed
	@[ -d textmusic/listening/vendor ] || $(MAKE) --no-print-directory vendor
	$(BIN)/sphinx-build --fail-on-warning --keep-going -b html docs docs/_build/html

clean:
	rm -rf $(VENV) $(OUT) docs/_build docs/gallery dist build
