# shellcheck shell=bash source=.ci/common.sh
# Measures the line coverage of the Windows backend under Wine. Each program updates the counters beside
# the objects, by a path on Wine's drive Z.
. .ci/common.sh
build=$ci_dir/wincover
export GCOV_PREFIX=Z:
cmocka_for windows-x86_64 x86_64-w64-mingw32-gcc
run_tests() {
    meson_build wincover --cross-file .ci/cross/win64.ini -Dcmocka="$cmocka" -Db_coverage=true -Doptimization=0 || return 1
    find "$build" -name '*.gcda' -delete
    passes "$build" --num-processes 1 --no-suite names
}
check "the tests pass" with_wine run_tests
python3 tests/coverage/windows.py "$build" tests/coverage/unreachable_windows.txt >"$ci_dir/wincover.txt"
cat "$ci_dir/wincover.txt"
all_lines() { grep -q '^complete ' "$ci_dir/wincover.txt"; }
check "the tests run every line of src/windows" all_lines
checks_end
