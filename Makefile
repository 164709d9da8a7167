# The two commands are `make book` and `make test`; `make help` lists the rest.
PYTHON ?= python3
BIN    := .venv/bin
READY  := .venv/.ready
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check
WHEEL  := _build/html/dist/.built
CHAPTERS := $(basename $(notdir $(wildcard chapters/*.ipynb)))
# Workers and kernels start from compiled files, also where a shell forbids writing them: else each compiles SymPy anew.
export PYTHONDONTWRITEBYTECODE :=
SOURCES := $(shell find optimlib companion chapters benchmarks -type f -not -path '*/__pycache__/*' -not -path '*/.ipynb_checkpoints/*') _config.yml _toc.yml pyproject.toml README.md

.PHONY: help book read test check lint parity bench run elsewhere lighthouse screenshots requirements clean

help:            ## list the commands
	@sed -n 's/^\([a-z]*\):.*## /make \1\t/p' Makefile | expand -t 20

book: $(READY)   ## build the site from the stored outputs
	@$(BIN)/jupyter-book build . -W -n --keep-going -q || { rm -rf _build/.doctrees; exit 1; }
	@$(MAKE) --no-print-directory $(WHEEL)
	@echo "The book: open _build/html/index.html, or 'make read' and http://localhost:8000"

read: book       ## serve the site on localhost
	$(BIN)/python -m http.server --bind localhost --directory _build/html 8000

test: lint book  ## run every test: style, types, packages, notebooks, site
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

check:           ## run what concerns one chapter: make check CHAPTER=bias_correction
	@$(if $(filter $(CHAPTERS),$(CHAPTER)),,echo "CHAPTER is '$(CHAPTER)'; allowed: one of $(CHAPTERS), as in make check CHAPTER=$(firstword $(CHAPTERS))"; exit 1)
	@$(MAKE) --no-print-directory $(READY)
	@$(MAKE) --no-print-directory --question $(WHEEL) || $(MAKE) --no-print-directory book
	$(BIN)/python -m pytest --quiet --numprocesses auto --dist loadfile -k '$(CHAPTER)' tests/companion tests/site chapters/$(CHAPTER).ipynb

lint: $(READY)   ## check style, format and types
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --check --quiet || { echo "some files are not formatted: .venv/bin/ruff format"; exit 1; }
	@$(BIN)/mypy

parity: $(READY) ## install torch and optax, and compare with them anew
	$(PIP) --no-build-isolation --editable '.[parity]'
	$(BIN)/python -m pytest tests/golden tests/optimlib/test_schedules.py tests/optimlib/test_clipping.py

bench: $(READY)  ## measure beside torch and optax on an idle machine, and show it in the book
	$(PIP) --no-build-isolation --editable '.[parity]'
	$(BIN)/python -m benchmarks
	$(BIN)/python -m companion.tools.notebooks chapters/benchmarks.ipynb

run: $(READY)    ## execute every notebook again, in place
	$(BIN)/python -m companion.tools.notebooks

elsewhere: $(READY) ## hold the notebooks to a run that rounds as an older processor does
	NPY_DISABLE_CPU_FEATURES="AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR" OPENBLAS_CORETYPE=Haswell \
	    $(BIN)/python -m pytest --quiet --numprocesses auto --dist loadfile chapters

lighthouse: book ## measure the home page and the chapters with Lighthouse, and print its scores
	@$(BIN)/python -m companion.tools.lighthouse

screenshots: book ## take pictures of every page, wide and narrow, light and dark, into _build/screenshots
	@$(BIN)/python -m companion.tools.screenshots

requirements: $(READY)  ## renew the pins from pyproject.toml
	$(BIN)/uv pip compile --universal --python-version 3.11 --extra all --no-emit-index-url --upgrade --quiet \
	    --custom-compile-command "make requirements" pyproject.toml --output-file requirements.txt

clean:           ## remove what was built; the next command starts afresh
	rm -rf .venv _build

# uv takes seconds and pip minutes; but pip knows its own settings, of a mirror for instance, and uv does not.
INSTALL = $(1) --requirement requirements.txt && $(1) --no-deps --no-build-isolation --editable .
$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; say which: make PYTHON=python3.12 book")'
	$(PYTHON) -m venv .venv
	@$(PIP) --constraint requirements.txt uv && $(call INSTALL,$(BIN)/uv pip install --quiet --python .venv) \
	    || { echo "uv could not install; pip takes some minutes"; $(call INSTALL,$(PIP)); }
	@touch $@

# The site serves the packages themselves, for readers who run a chapter.
$(WHEEL): $(SOURCES)
	@rm -rf $(@D)
	@$(BIN)/python -m hatchling build --target wheel --directory $(@D)
	@touch $@
