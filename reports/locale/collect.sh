#!/usr/bin/env bash
# Collects the sentences of templates and code into the catalogues: assay.pot, and what is new in each language's .po.
# With --check: changes nothing, and fails when a sentence is missing, stale, fuzzy or untranslated in a language.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# [[Words]] of the templates, as C that xgettext can read.
grep -oh '\[\[[^]]*\]\]' templates/*.html | sort -u | sed 's/^\[\[/say("/; s/\]\]$/");/' > "$work/templates.cpp"
xgettext --from-code=UTF-8 --language=C++ --keyword=say --keyword=say_n:1,2 --no-location --sort-output --omit-header \
  --no-wrap -o "$work/body.pot" ./*.cpp "$work/templates.cpp"
sed -i '/^#, c-format$/d' "$work/body.pot"  # "5 % of" is no format of C's
{ printf 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n\n'; cat "$work/body.pot"; } > "$work/assay.pot"

status=0
for language in nl fi zh; do
  if [ "${1:-}" = --check ]; then
    msgcmp --use-untranslated "locale/$language.po" "$work/assay.pot" || status=1
    for fault in --untranslated --only-fuzzy --only-obsolete; do
      [ -z "$(msgattrib $fault "locale/$language.po")" ] || { echo "$language.po: has sentences that are ${fault#--}" >&2; status=1; }
    done
    stale=$(comm -13 <(msgcat --no-wrap "$work/assay.pot" | grep '^msgid ' | sort) <(msgcat --no-wrap "locale/$language.po" | grep '^msgid ' | sort))
    [ -z "$stale" ] || { echo "$language.po: stale: $stale" >&2; status=1; }
  else
    [ -f "locale/$language.po" ] || cp "$work/assay.pot" "locale/$language.po"
    msgmerge --quiet --no-fuzzy-matching --no-wrap --sort-output --no-location --backup=none --update "locale/$language.po" "$work/assay.pot"
    msgattrib --no-obsolete --no-wrap -o "locale/$language.po" "locale/$language.po"
  fi
done
[ "${1:-}" = --check ] || cp "$work/assay.pot" locale/assay.pot
[ "${1:-}" != --check ] || diff <(msgcat --no-wrap "$work/assay.pot") <(msgcat --no-wrap locale/assay.pot) > /dev/null || { echo "assay.pot is stale: ./dev words" >&2; status=1; }
exit $status
