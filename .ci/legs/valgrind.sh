# shellcheck shell=bash source=.ci/common.sh
# Memory, and descriptors left open. Not those tests that measure what valgrind itself has open or
# makes of a child, or that replace the kernel's answers.
. .ci/common.sh
logs=$ci_dir/valgrind-logs
mkdir -p "$logs"
meson_build valgrind || exit 1
# It answers execveat by itself and otherwise, and looks at each byte of 4 GiB.
mapfile -t names < <(meson test -C "$ci_dir/valgrind" --no-rebuild --list 2>/dev/null |
    grep -E ':(unit|posix) / ' | sed 's,.* / ,,' | grep -vE '^(create|socket)_posix|arrange|^(exec_posix|functions|xattr_linux)$')
TEST_ARGS=("${names[@]}" --wrap "valgrind -q --leak-check=full --error-exitcode=99 --track-fds=yes
    --child-silent-after-fork=yes --log-file=$logs/%p.log")
(meson_leg valgrind) >"$ci_dir/valgrind.out"
status=$?
cat "$ci_dir/valgrind.out"
left_open() { # descriptors that the program itself opened
    awk '/Open .*(file descriptor|socket)/ { line = $0; getline
        if (!/inherited from parent/) { print FILENAME ": " line; bad = 1 } } END { exit !bad }' "$logs"/*.log
}
if left_open; then
    echo "0 passed, 1 failed, 0 skipped"
    exit 1
fi
tail -n 1 "$ci_dir/valgrind.out"
exit "$status"
