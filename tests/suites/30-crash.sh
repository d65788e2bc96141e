#!/usr/bin/env bash
# The short form of `make crash`: ten kills.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
ROUNDS=${CRASH_ROUNDS:-10} exec tests/crash/run
