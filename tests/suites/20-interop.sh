#!/usr/bin/env bash
# Foreign peers against the real program: node-opcua as the server, posts as Telegraf sends them. INTEROP_CUT_S is how
# long the cable is pulled: 5 s here, a minute in the long runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
: "${TUNDISH_RESULTS:=$PWD/build/test-results}"
: "${TUNDISH_BIN:=$PWD/build/dev/tundish}"
export TUNDISH_BIN
binaries=$(dirname "$TUNDISH_BIN")
export CHAOS_PROXY=$binaries/chaos_proxy CONNECT_PROBE=$binaries/connect_probe
mkdir -p "$TUNDISH_RESULTS"

tools/node_modules tests/interop
cd tests/interop
exec node --test --test-concurrency=1 \
  --test-reporter=spec --test-reporter-destination=stdout \
  --test-reporter=junit --test-reporter-destination="$TUNDISH_RESULTS/20-interop.xml" \
  ./*.test.mjs
