#!/usr/bin/env bash
# Runs browser_test.mjs where it can run. Usage: browser_test.sh ASSAY SAMPLE_RUNS MODULES
# MODULES is the folder into which `./dev test` installed the npm packages of package.json.
set -euo pipefail
cd "$(dirname "$0")"
# In CI nothing may be missing.
skip() {
  echo "skipped: $1"
  [ "${CI:-}" = true ] && exit 1
  exit 77
}
chromium=$(command -v chromium) || skip "no chromium"
command -v node > /dev/null || skip "no node"
command -v pdftotext > /dev/null || skip "no pdftotext"
[ -d "$3/node_modules/playwright-core" ] || skip "playwright-core is not installed in $3; ./dev test does that"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$3/node_modules" "$work/node_modules"
cp package.json "$work/"
timeout 500 node browser_test.mjs "$1" "$2" "$chromium" "$work"
