#!/usr/bin/env bash
# Called by `./dev fuzz [NAME] [SECONDS]`: builds and runs the fuzzers one after another, and tells as a table how often
# and how fast each parser ran. What crashed one stays in build-fuzz/crashes/NAME. Exit 1 when any did.
set -euo pipefail
cd "$(dirname "$0")/../.."
names=() seconds=60
for argument in "$@"; do
  if [[ $argument =~ ^[0-9]+$ ]]; then seconds=$argument; else names+=("$argument"); fi
done
if [ ${#names[@]} -eq 0 ]; then
  for folder in tests/fuzz/corpus/*/; do names+=("$(basename "$folder")"); done
fi
for name in "${names[@]}"; do
  [ -f "tests/fuzz/$name.cpp" ] && [ -d "tests/fuzz/corpus/$name" ] || { echo "No parser is called $name; see tests/fuzz" >&2; exit 2; }
done
cmake --build build-fuzz -- --quiet "${names[@]/#/fuzz_}" >&2

# stat NAME: a figure from libFuzzer's closing words.
stat() { sed -n "s/^stat::$1: *//p" "$log"; }
failed=0
printf '%-12s %14s %10s %9s  %s\n' parser executions per-second coverage outcome
for name in "${names[@]}"; do
  log=build-fuzz/fuzz-$name.log
  mkdir -p "build-fuzz/corpus/$name" "build-fuzz/crashes/$name"
  outcome=good
  if ! "build-fuzz/tests/bin/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    -artifact_prefix="build-fuzz/crashes/$name/" "build-fuzz/corpus/$name" "tests/fuzz/corpus/$name" > "$log" 2>&1; then
    failed=1
    input=$(sed -n 's/^.*Test unit written to //p' "$log" | tail -1)
    outcome="FAILED, see $log; again with: build-fuzz/tests/bin/fuzz_$name ${input:-(no input was kept)}"
  fi
  coverage=$(sed -n 's/^.* cov: \([0-9]*\) .*$/\1/p' "$log" | tail -1)
  printf '%-12s %14s %10s %9s  %s\n' "$name" "$(stat number_of_executed_units)" "$(stat average_exec_per_sec)" "${coverage:--}" "$outcome"
done
exit $failed
