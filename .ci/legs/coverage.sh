# shellcheck shell=bash source=.ci/common.sh
# Measures how much of src the native tests run: lines, branches and MC/DC, including the command, over all
# builds of the library. tests/coverage/counters_linux.c explains how children count that are killed or exec.
. .ci/common.sh
build=$ci_dir/coverage counters=$ci_dir/counters report=$ci_dir/coverage.txt
rm -rf "$counters" && mkdir -p "$counters" && chmod 777 "$counters" # some tests switch to another user
clang-19 -c -O1 -fPIC "${warnings[@]}" "-DCOUNTERS=\"$counters\"" -o "$ci_dir/counters.o" tests/coverage/counters_linux.c || exit 1
flags="'-fprofile-instr-generate', '-fcoverage-mapping', '-fcoverage-mcdc', '-fprofile-update=atomic'"
setup() {
    [ -d "$build" ] || CC=clang-19 meson setup "$build" -Dwerror=true -Doptimization=0 "-Dc_args=[$flags]" \
        "-Dc_link_args=['-fprofile-instr-generate', '$ci_dir/counters.o', '-Wl,--build-id', '-Wl,-T,$top/tests/coverage/counters.ld']"
}
check "sets up" setup
# The excluded suites read the code or compile it again, so they run nothing of this build.
check "builds" ninja -C "$build" -j 2 meson-test-prereq # a benchmark without a C library cannot count
check "the tests pass" passes "$build" --no-suite names --no-suite consumers --no-suite oracle
python3 tests/coverage/report.py "$build" "$counters" tests/coverage/unreachable.txt >"$report"
cat "$report"
while read -r word what; do check "$what" test "$word" = complete; done < <(grep -E '^(complete|INCOMPLETE) ' "$report")
check "the report is complete" test "$(grep -cE '^(complete|INCOMPLETE) ' "$report")" = 4
checks_end
