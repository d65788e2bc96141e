#!/usr/bin/env bash
# The console's own tests: types, then the unit tests of its pure parts and of its network edge.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
tools/console install
cd console
npm run --silent typecheck
npm test --silent
