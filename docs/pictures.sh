#!/usr/bin/env bash
# Makes the pictures in docs from a sample run: pictures.sh ASSAY SAMPLE_RUNS
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export ASSAY_STATION=$work/station
mkdir "$ASSAY_STATION"
printf 'name = "Bench 3"\n[shop]\nname = "Repair Shop"\naddress = "1 Example Street"\ncontact = "shop@example.org"\n' > "$ASSAY_STATION/station.toml"
printf 'number = "2026-17"\ntechnician = "Bench 3"\ncomplaint = "Programs crash, mostly in the evening."\nreproduced = "yes"\ndone = ["Cleaned the contacts of both modules."]\nnext_date = "2026-06-01"\n' > "$work/case.toml"
"$2" repair "$work/run" "$ASSAY_STATION"
"$1" report "$work/run" --case "$work/case.toml" --out "$work/report.html"
# picture NAME HEIGHT [ANCHOR]
picture() {
  chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update \
    --disable-sync --user-data-dir="$work/profile" --hide-scrollbars --window-size="1000,$2" --screenshot="$PWD/$1" "file://$work/report.html${3:-}" 2> "$work/log"
}
picture report.png 1230
sed -i 's/<section id="page-one" class="page-one">/<section id="page-one" class="page-one" hidden>/' "$work/report.html"
picture report-technician.png 2600
