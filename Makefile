# The front door. "make" alone says what there is.

CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/astromesh-ci

.DEFAULT_GOAL := help
.PHONY: help run test lint generate editor bench build package ollama ci clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Try it: a phone in the browser, no account needed
	go run . demo

test: ## Run the tests, with the race detector and in random order
	go test -race -shuffle=on ./...

lint: ## Run the linters (built once into the cache)
	@.ci/install-lint $(CACHE)
	$(CACHE)/golangci-lint run

generate: ## Make the Go files of the pages from their templates, and note how they look
	cd web/view && go tool templ generate && go test . -run Golden -update

editor: ## Bundle the YAML editor of the agents' page (needs npm)
	cd build/editor && npm ci --ignore-scripts --no-audit --no-fund && npm run build

bench: ## Run the benchmarks
	go test -run '^$$' -bench . -benchmem ./...

build: ## Build the program: ./astromesh
	go build -o astromesh .

package: ## Make every package into build/out: .deb, .rpm, tarball, Windows installer
	@.ci/install-packagers $(CACHE)
	PATH=$(CACHE):$$PATH build/package

ollama: ## Build a real Ollama for the tests, and say how to use it
	@.ci/install-ollama $(CACHE)
	@echo "now: ASTROMESH_OLLAMA_BIN=$(CACHE)/ollama make test"

ci: ## Everything that must hold before a change goes in
	.ci/run

clean: ## Remove what was built
	rm -rf astromesh build/bin build/out
