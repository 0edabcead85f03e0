#!/usr/bin/env bash
# The journals of an honest run, a rehearsal and a run of hostile plugins fit OCP Test & Validation 2.0.
# Usage: ocp_test.sh ASSAY SOURCE_FOLDER BUILD_FOLDER. Exit 77: the schemas are not there.
set -uo pipefail
assay=$1 source=$2 build=$3
schemas=${ASSAY_OCP_SCHEMAS:-$source/../shared/ocptv}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# In three seconds it reaches as much of the memory as this machine allows.
sed 's/^least-coverage = .*/least-coverage = 0/' "$(dirname "$assay")/../share/assay/plans/quick.toml" > "$work/quick.toml"
"$assay" run "$work/quick.toml" --duration 3s --out "$work/good" > "$work/good.txt" || { echo "the honest run did not pass:"; tail -20 "$work/good.txt"; exit 1; }
"$assay" run quick --duration 2s --only 'cpu.*' --inject cpu.fma:flip-result --out "$work/rehearsal" > /dev/null
code=$?
[ $code -eq 1 ] || { echo "the rehearsal ended with $code, not 1"; exit 1; }
printf '[plan]\nid = "h"\ntitle.en = "H"\nprove = "none"\n[[stage]]\nid = "a"\n[[stage.test]]\nuse = "segfault.test"\n[[stage.test]]\nuse = "machine-check.test"\n[[stage.test]]\nuse = "floods-log.test"\n' > "$work/h.toml"
"$assay" run "$work/h.toml" --plugin-dir "$build/tests/hostile/plugins" --out "$work/hostile" > /dev/null
/usr/bin/python3 "$source/tests/contract/validate_record.py" "$source/framework/journal/record.schema.json" "$work"/*/record.json "$source"/tests/approved/repair.json || exit 1
/usr/bin/python3 "$source/tests/contract/validate_journal.py" "$schemas" "$work"/*/journal.jsonl
