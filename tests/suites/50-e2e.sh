#!/usr/bin/env bash
# The console in a real browser (Debian's chromium) against the real demo.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
: "${TUNDISH_BIN:=$PWD/build/dev/tundish}"
export TUNDISH_BIN
results=${TUNDISH_RESULTS:-$PWD/build/test-results}
mkdir -p "$results"
tools/console build
exec node --test --test-reporter=spec --test-reporter-destination=stdout \
  --test-reporter=junit --test-reporter-destination="$results/50-e2e.xml" tests/e2e/*.test.mjs
