# shellcheck shell=bash source=.ci/common.sh
# Measures how much of src the native tests run: lines, branches and MC/DC, including the command, over all
# builds of the library. tests/coverage/board_linux.c explains how children count that are killed or exec.
. .ci/common.sh
build=$ci_dir/coverage boards=$ci_dir/boards report=$ci_dir/coverage.txt
rm -rf "$boards" && mkdir -p "$boards" && chmod 777 "$boards" # some tests switch to another user
clang-19 -c -O1 -fPIC "${warnings[@]}" "-DBOARDS=\"$boards\"" -o "$ci_dir/board.o" tests/coverage/board_linux.c || exit 1
flags="'-fprofile-instr-generate', '-fcoverage-mapping', '-fcoverage-mcdc', '-fprofile-update=atomic'"
setup() {
    [ -d "$build" ] || CC=clang-19 meson setup "$build" -Dwerror=true -Doptimization=0 "-Dc_args=[$flags]" \
        "-Dc_link_args=['-fprofile-instr-generate', '$ci_dir/board.o', '-Wl,--build-id', '-Wl,-T,$top/tests/coverage/board.ld']"
}
check "sets up" setup
# The excluded suites read the code or compile it again, so they run nothing of this build.
check "the tests pass" meson test -C "$build" --print-errorlogs --no-suite names --no-suite consumers --no-suite oracle
python3 tests/coverage/report.py "$build" "$boards" tests/coverage/unreachable.txt >"$report"
cat "$report"
while read -r word what; do check "$what" test "$word" = complete; done < <(grep -E '^(complete|INCOMPLETE) ' "$report")
check "the report is complete" test "$(grep -cE '^(complete|INCOMPLETE) ' "$report")" = 4
checks_end
