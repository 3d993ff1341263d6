# shellcheck shell=bash source=.ci/common.sh
# Compiles the examples with both compilers and all warnings, and attacks each safe one for ten seconds.
. .ci/common.sh
for source in docs/examples/*.c; do
    for compiler in gcc clang; do
        check "$compiler: $source" "$compiler" -std=c99 "${warnings[@]}" -Iinclude -c -o /dev/null "$source"
    done
done
for compiler in g++ clang++; do
    check "$compiler: docs/examples/fdinherit.hpp" "$compiler" -std=c++11 -Wall -Wextra -Wpedantic -Wconversion -Wshadow \
        -Werror -Iinclude -c -o /dev/null tests/examples/test_raii.cpp
done
check "builds" meson_build test
built=$ci_dir/test/tests/examples
check_tap tests/examples/test_safe.py "$built/safe_rm" "$built/safe_cp" "$built/naive" "$built/swap" 10
checks_end
