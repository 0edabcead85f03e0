#!/usr/bin/env bash
# The report in headless Chromium: drawn without scripts or network, hostile text inert. Usage: browser_test.sh ASSAY SOURCE
set -euo pipefail
assay=$1 source=$2
chromium=$(command -v chromium) || { echo "skipped: no chromium"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$assay" run quick --duration 2s --only 'cpu.*' --inject cpu.fma:flip-result --out "$work/run" > /dev/null || true
# A hostile text in a place that a person can fill: the plan's title.
printf '[plan]\nid = "evil"\ntitle.en = "<img src=x onerror=document.title=1>"\nprove = "none"\n[[stage]]\nid = "a"\n[[stage.test]]\nuse = "system.inventory"\n' > "$work/evil.toml"
"$assay" run "$work/evil.toml" --out "$work/evil" > /dev/null
browse() {
  timeout 90 "$chromium" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$work/profile" "$@" 2> "$work/log"
}
browse --dump-dom "file://$work/run/report.html" > "$work/dom"
grep -q 'class="verdict fail"' "$work/dom" || { echo "the verdict is not there"; exit 1; }
grep -q 'Rehearsal' "$work/dom" || { echo "the rehearsal is not called one"; exit 1; }
grep -qi 'refused\|violates' "$work/log" && { echo "the page's own style breaks its policy:"; cat "$work/log"; exit 1; }
browse --dump-dom "file://$work/evil/report.html" > "$work/dom"
grep -q '<img' "$work/dom" && { echo "a plan's title became markup"; exit 1; }
grep -q '&lt;img' "$work/dom" || { echo "the plan's title is not shown"; exit 1; }
browse --print-to-pdf="$work/report.pdf" --no-pdf-header-footer "file://$work/run/report.html"
[ "$(head -c 4 "$work/report.pdf")" = "%PDF" ] || { echo "no PDF"; exit 1; }
browse --hide-scrollbars --window-size=1100,900 --screenshot="$work/page.png" "file://$work/run/report.html"
[ "$(stat -c %s "$work/page.png")" -gt 20000 ] || { echo "the picture is empty"; exit 1; }
echo "good"
