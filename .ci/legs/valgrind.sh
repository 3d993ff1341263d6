# shellcheck shell=bash source=.ci/common.sh
# Memory and descriptors left open, in every test program.
. .ci/common.sh
tool="valgrind -q --leak-check=full --error-exitcode=99 --track-fds=yes --child-silent-after-fork=yes"
logs=$ci_dir/valgrind-logs
mkdir -p "$logs"
TEST_ARGS=(--no-suite faults --no-suite names --no-suite refused --no-suite exact --no-suite consumers --no-suite shield --wrap "$tool --log-file=$logs/%p.log")
(meson_leg valgrind) >"$ci_dir/valgrind.out"
status=$?
cat "$ci_dir/valgrind.out"
left_open() { # descriptors that the program itself opened
    ! awk '/Open .*file descriptor|Open .*socket/ { line = $0; getline; if (!/inherited from parent/) print FILENAME ": " line }' \
        "$logs"/*.log | grep .
}
check "no descriptor is left open" left_open
[ "$bad" = 0 ] || { echo "0 passed, 1 failed, 0 skipped" && exit 1; }
tail -n 1 "$ci_dir/valgrind.out"
exit "$status"
