# shellcheck shell=bash source=.ci/common.sh
# Checks memory and leaked descriptors with valgrind. Some tests are excluded: valgrind's own descriptors
# or its emulation of children would disturb them, or they replace kernel results.
. .ci/common.sh
logs=$ci_dir/valgrind-logs
mkdir -p "$logs"
meson_build valgrind || exit 1
# Valgrind emulates execveat differently, opens a program before it executes it, which waits for a FIFO, and
# would check each byte of 4 GiB. Valgrind's descriptors disturb the tests of thread tables and of blocks of 16,384 numbers.
mapfile -t names < <(meson test -C "$ci_dir/valgrind" --no-rebuild --list 2>/dev/null |
    grep -E ':(unit|posix) / ' | sed 's,.* / ,,' | grep -vE '^(create|socket)_posix|^(plan_posix|exec_posix|functions|functions_posix|xattr_linux|own_table_linux|rare_linux)$')
TEST_ARGS=("${names[@]}" --wrap "valgrind -q --leak-check=full --error-exitcode=99 --track-fds=yes
    --child-silent-after-fork=yes --log-file=$logs/%p.log")
(meson_leg valgrind) >"$ci_dir/valgrind.out"
status=$?
cat "$ci_dir/valgrind.out"
left_open() { # true if the program left a descriptor open that it opened itself
    awk '/Open .*(file descriptor|socket)/ { line = $0; getline
        if (!/inherited from parent/) { print FILENAME ": " line; bad = 1 } } END { exit !bad }' "$logs"/*.log
}
if left_open; then
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
tail -n 1 "$ci_dir/valgrind.out"
exit "$status"
