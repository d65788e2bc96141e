#!/usr/bin/env bash
# The short form of tests/full: two rounds of a full disk.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
ROUNDS=${DISK_FULL_ROUNDS:-2} exec tests/full/run
