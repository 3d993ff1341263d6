# shellcheck shell=bash source=.ci/common.sh
# WASI: what it honestly answers, run by node.
. .ci/common.sh
mkdir -p "$ci_dir/wasi"
clang --target=wasm32-wasi --sysroot=/usr -std=c99 "${warnings[@]}" -Iinclude \
    tests/wasi/answers.c src/*.c src/wasi/*.c -o "$ci_dir/wasi/answers.wasm" || exit 1
cd "$ci_dir/wasi" && node --no-warnings "$top/tests/wasi/run.mjs" answers.wasm
