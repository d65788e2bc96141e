#!/usr/bin/env bash
# The short form of tests/order: one way in which a day of data may arrive.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
WAYS=${ORDER_WAYS:-1} exec tests/order/run
