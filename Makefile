# The two commands of the README are `make demo` and `make test`; both set up what they need first.
.PHONY: demo test lint unit perf clean

demo: ## a request becomes verified code: recorded answers, everything else real
	@.ci/setup
	@.venv/bin/nexus --headless --demo

test: lint unit ## the whole test suite, with style, types and layering

lint:
	@.ci/setup dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

unit:
	@.ci/setup dev
	.venv/bin/pytest -n 2 --dist loadgroup

perf: ## speed and size as ratios within one run
	@.ci/setup dev
	.venv/bin/python -m evals.perf

clean:
	rm -rf .venv build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
