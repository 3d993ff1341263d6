# shellcheck shell=bash source=.ci/common.sh
# Checks costs that can be counted exactly: extra instructions and system calls, and the size.
. .ci/common.sh
build=$ci_dir/cost
[ -d "$build" ] || meson setup "$build" -Dwerror=true -Doptimization=2 -Ddebug=false
check "builds" meson compile -C "$build" cost_probe
text() { size -t "$build/src/libfdinherit.a" | awk 'END { print $1 }'; }
small() { echo "$(text) bytes" && [ "$(text)" -le $((48 * 1024)) ]; }
check "the static library's text is at most 48 KiB" small
count() { python3 tests/bench/costs.py "$build/tests/bench/cost_probe" --check >"$ci_dir/cost.txt"; }
check "every form is counted and within its limit" count
while read -r word rest; do check "$rest" test "$word" = right; done <"$ci_dir/cost.txt"
checks_end
