# Two commands do all the set-up on a fresh machine: `make demo` and `make test`.

.PHONY: demo test test-worlds dev check generated bench bench-signals bench-checks soak clean
.DEFAULT_GOAL := demo

# the first Python of a version the lock file resolves for
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null \
	&& echo $$python && break; done)
BIN := .venv/bin
CONVERSATIONS ?= 20000
WORKERS := --numprocesses 2 --dist loadfile --no-loadscope-reorder
DATA := $(if $(ASSAY_DATA),$(ASSAY_DATA),data)
# what was received stays: worlds of two sizes in one folder would be mixed
DEMO := $(DATA)$(if $(filter-out 20000,$(CONVERSATIONS)),/demo-$(CONVERSATIONS))
SIMULATED := $(DEMO)/validation/simulated

export DO_NOT_TRACK := 1
export GX_ANALYTICS_ENABLED := false
export DAGSTER_DISABLE_TELEMETRY := true
# where Python may not keep what it compiles, every process compiles dbt and Great Expectations again, for ten seconds
unexport PYTHONDONTWRITEBYTECODE

.venv/ready: uv.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Assay needs Python 3.11, 3.12 or 3.13 on the PATH."; exit 2; }
	@echo "Installing into .venv with $$($(PYTHON) --version) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	@UV_PYTHON_DOWNLOADS=never $(BIN)/uv sync --frozen --inexact --quiet --python $(BIN)/python
	@touch $@

demo: .venv/ready
	@ASSAY_DATA="$(DEMO)" $(BIN)/assay generate --conversations $(CONVERSATIONS) --seed 1 --out "$(DEMO)/exports" \
		--plant missing_queue_day --plant renamed_tag --plant broken_record
# labels recorded once are not drawn again
	@test -f "$(SIMULATED)" || { \
		ASSAY_DATA="$(DEMO)" $(BIN)/assay run --exports "$(DEMO)/exports" --json > /dev/null \
		&& ASSAY_DATA="$(DEMO)" $(BIN)/assay validate simulate sentiment customer_effort churn_risk outcome \
			--truth "$(DEMO)/exports/truth.parquet" --error-rate 0.1 --record > /dev/null \
		&& ASSAY_DATA="$(DEMO)" $(BIN)/assay validate simulate --every-metric \
			--truth "$(DEMO)/exports/truth.parquet" --error-rate 0.02 --record > /dev/null \
		&& touch "$(SIMULATED)"; }
	@ASSAY_DATA="$(DEMO)" $(BIN)/assay run --exports "$(DEMO)/exports"
	@ASSAY_DATA="$(DEMO)" $(BIN)/assay defend first_reply_minutes_median last

test: .venv/ready
	@$(BIN)/python -c "from orchestration.warehouse import manifest_path; manifest_path()"
	@$(BIN)/pytest -m "not worlds and not soak" $(WORKERS)

# what takes a run of its own: exports lost, touched, real, killed in the middle
test-worlds: .venv/ready
	@$(BIN)/python -c "from orchestration.warehouse import manifest_path; manifest_path()"
	@$(BIN)/pytest -m worlds $(WORKERS)

dev: .venv/ready
	@mkdir -p "$(DATA)/dagster" && cp -n orchestration/dagster.yaml "$(DATA)/dagster/" || true
	@DAGSTER_HOME="$$(cd "$(DATA)/dagster" && pwd)" $(BIN)/dagster dev

check: .venv/ready
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@ASSAY_DATA=$$(mktemp -d) $(BIN)/sqlfluff lint dbt_project/models
	@$(BIN)/python -m signals.packs
	@$(BIN)/python -m signals.columns check
	@$(BIN)/python -m contracts.metric_names check
	@$(BIN)/python -m contracts.purposes check
	@$(BIN)/python -m orchestration.generated check
	@ASSAY_DATA=$$(mktemp -d) $(BIN)/assay contract check
	@$(BIN)/pytest tests/test_architecture.py
	@UV_PYTHON_DOWNLOADS=never $(BIN)/uv lock --check --quiet

# what follows from declarations and is committed for readers
generated: .venv/ready
	@$(BIN)/python -m signals.columns
	@$(BIN)/python -m contracts.metric_names
	@$(BIN)/python -m contracts.purposes
	@$(BIN)/python -m signals.packs lock
	@$(BIN)/python -m orchestration.generated

bench: .venv/ready
	@$(BIN)/python -m tests.bench

bench-signals: .venv/ready
	@$(BIN)/python -m tests.bench.signals

bench-checks: .venv/ready
	@$(BIN)/python -m tests.bench.checks

soak: .venv/ready
	@$(BIN)/pytest -m soak

clean:
	rm -rf .venv dbt_project/target
