# `make book` and `make test` are all a reader needs; both prepare .venv themselves. `make` alone lists the rest.
PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
READY  := $(VENV)/.installed
HOME_PAGE := _build/html/index.html
CHAPTERS ?=
SHIFT ?= 5000
COLAB_PYTHON ?= python3.12

# The same quiet, reproducible surroundings for every execution of a chapter and every test.
export TF_CPP_MIN_LOG_LEVEL = 3
export TF_ENABLE_ONEDNN_OPTS = 0
export KERAS_BACKEND = tensorflow
export TQDM_DISABLE = 1
export PYDEVD_DISABLE_FILE_VALIDATION = 1
# Here a statement of the text that does not hold is an error. A reader is told in one line, and so are the targets
# that look at other draws and other environments.
book unit nbval notebooks: export COURSE_UTILS_STRICT = 1
# One thread for each of the workers that run beside each other: TensorFlow's own would cost more than they bring.
book unit nbval notebooks redraw: export TF_NUM_INTRAOP_THREADS = 1
book unit nbval notebooks redraw: export TF_NUM_INTEROP_THREADS = 1
# Tests that need a browser or a JupyterLab, and nothing of coverage.
IN_A_BROWSER = tests/test_book.py tests/laboratory/test_page.py tests/laboratory/test_widget.py
# A plotting back end from the caller's shell would keep figures out of the notebooks.
unexport MPLBACKEND

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install book test lint unit nbval book-test notebooks chapter redraw test-colab cost bench serve clean \
  distclean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*## ' Makefile | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; ok = (3, 11) <= sys.version_info[:2] <= (3, 13); sys.exit(0 if ok else \
	  "The book needs Python 3.11, 3.12 or 3.13, and $(PYTHON) is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12 book")'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(READY)  ## make .venv and install the lock into it

# Execution comes first and apart from the build: it uses every core, and a chapter that raises stops here with
# its traceback. A failed build forgets its doctrees, or the next one would pass over the page it warned about.
book: $(READY)  ## execute what changed, build the book with warnings as errors, print its path
	@$(PY) _ext/execution.py cache
	@$(VENV)/bin/jupyter-book build . -W -n --keep-going --quiet || { rm -rf _build/.doctrees _build/html; \
	  echo "The book was not built: see the warnings above." >&2; exit 1; }
	@echo "The book is at $(CURDIR)/$(HOME_PAGE)"

# nbval comes before the book: what it has executed, and found equal to the committed outputs, is not executed twice.
test: lint unit nbval book book-test  ## everything: lint, unit tests, notebooks, book, built pages

lint: $(READY)  ## ruff: rules and layout
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

unit: $(READY)  ## the package, its doctests and the rules of the chapters, with coverage
	$(PY) -m pytest $(IN_A_BROWSER:%=--ignore=%) --cov --cov-report=term-missing:skip-covered -n 2 --dist worksteal

nbval: $(READY)  ## execute every chapter and compare with its committed outputs
	$(PY) -m pytest chapters --nbval --nbval-current-env --nbval-sanitize-with tests/sanitize.cfg \
	  -n 2 --dist loadfile --junitxml=_build/nbval.xml
	@$(PY) _ext/execution.py verified _build/nbval.xml

book-test: $(READY)  ## the built pages and the laboratory, in a real browser (needs `make book`)
	$(PY) -m pytest $(IN_A_BROWSER) -n 2

notebooks: $(READY)  ## execute chapters in place: all, or CHAPTERS="chapters/01_....ipynb"
	@$(PY) _ext/execution.py inplace $(CHAPTERS)

chapter: $(READY)  ## write the skeleton of a new chapter: NAME=07_topic
	@$(PY) _ext/skeleton.py $(NAME)

redraw: $(READY)  ## chapters on other draws: which verdicts come back? SHIFT=5000, CHAPTERS="...", WRITE=1 keeps it
	@$(PY) _ext/redraw.py $(if $(WRITE),--write) $(SHIFT) $(CHAPTERS)

test-colab: $(READY)  ## chapters as a reader in Colab has them (COLAB_PYTHON=python3.12)
	@$(PY) _ext/colab.py $(COLAB_PYTHON) $(CHAPTERS)

cost: $(READY)  ## processor seconds of each chapter, and whether they are within the limit (needs `make book`)
	@$(PY) _ext/execution.py cost

bench: $(READY)  ## measure what the speed claims rest on
	$(PY) -m benchmarks.replicates
	$(PY) -m benchmarks.laboratory

serve: book  ## build, then show the book at http://127.0.0.1:8000
	$(PY) -m http.server 8000 --bind 127.0.0.1 --directory _build/html

clean:  ## remove what was built; .venv stays
	rm -rf _build .pytest_cache .ruff_cache .hypothesis .coverage htmlcov dist

distclean: clean  ## remove .venv, too
	rm -rf $(VENV)
