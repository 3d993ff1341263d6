# shellcheck shell=bash
# Functions that the legs share. A leg sources it from the top of the tree.
top=$PWD
ci_dir=${FDI_CI_DIR:-$top/build-ci}
cache_dir=${FDI_CI_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/fdinherit-ci}
export ZIG_GLOBAL_CACHE_DIR=$cache_dir/zig-cache
export FDI_ZIG=$cache_dir/zig/ziglang/zig
# shellcheck disable=SC2034
warnings=(-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror)
export PATH=$top/.ci/bin:$PATH
mkdir -p "$ci_dir" "$cache_dir"

install_zig() {
    [ -x "$FDI_ZIG" ] || { python3 -m venv --clear "$cache_dir/zig" &&
        "$cache_dir/zig/bin/pip" install -q --target "$cache_dir/zig" ziglang==0.17.0; }
}

good=0 bad=0
# check NAME COMMAND...: runs one check and counts it.
check() {
    local name=$1
    shift
    if "$@" >"$ci_dir/check.$$" 2>&1; then
        good=$((good + 1)) && echo "ok: $name"
    else
        bad=$((bad + 1)) && cat "$ci_dir/check.$$" && echo "NOT OK: $name"
    fi
    rm -f "$ci_dir/check.$$"
}

# A skipped case is not ok.
is_ok() { [[ $1 = ok\ * && ! ${1,,} =~ \#\ *skip ]]; }

# check_tap COMMAND...: counts each case of a program that prints TAP; its output stays in $tap.
check_tap() {
    local line results
    tap=$ci_dir/$(basename "$1").tap
    "$@" | tee "$tap"
    mapfile -t results < <(grep -E '^(not )?ok ' "$tap")
    for line in "${results[@]}"; do check "${line#*ok }" is_ok "$line"; done
    check "no case of $1 is missing" grep -qx "1..${#results[@]}" "$tap"
}

# Prints the leg's last line. Its status is the leg's status.
checks_end() {
    echo "$good passed, $bad failed, 0 skipped"
    [ "$bad" = 0 ]
}

# meson_build NAME [setup arguments]: builds in $ci_dir/NAME, with warnings as errors.
meson_build() {
    local build=$ci_dir/$1
    shift
    ( # parallel legs may share the build of .ci/test
        flock 9
        [ -d "$build" ] || meson setup "$build" -Dwerror=true -Ddefault_library=both "$@" || exit 1
        meson compile -C "$build" -j 2
    ) 9>"$build.lock"
}

# meson_leg NAME [setup arguments]: a complete leg, which builds, tests and counts. TEST_ARGS has
# arguments of `meson test`, and WRAP has a command that runs it.
TEST_ARGS=()
WRAP=()
meson_leg() {
    local build=$ci_dir/$1 status
    meson_build "$@" || exit 1
    "${WRAP[@]}" meson test -C "$build" --no-rebuild --print-errorlogs "${TEST_ARGS[@]}"
    status=$?
    python3 .ci/count.py "$build" || exit
    exit "$status"
}

# passes BUILD [arguments]: runs tests of a build. None may fail or be skipped.
passes() {
    meson test -C "$1" --no-rebuild --print-errorlogs "${@:2}" && python3 .ci/count.py "$1"
}

# counted_leg NAME [setup arguments]: does the same as a part of a leg, and adds its counts.
counted_leg() {
    local counts
    (meson_leg "$@") | tee "$ci_dir/$1.counted"
    counts=$(tail -n 1 "$ci_dir/$1.counted")
    [[ $counts =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed,\ ([0-9]+)\ skipped$ ]] || counts='0 passed, 1 failed, 0 skipped'
    read -r p _ f _ s _ <<<"$counts"
    good=$((good + p)) bad=$((bad + f + s))
    [ "$p" != 0 ] || bad=$((bad + 1))
}

# meson_links NAME [setup arguments]: builds for a platform that cannot run here. Each linked file is a check.
meson_links() {
    local build=$ci_dir/$1 file
    check "$1 builds" meson_build "$@"
    [ -f "$build/build.ninja" ] || return 1
    while read -r file; do check "$1: $file" test -s "$build/$file"; done < <(
        meson introspect --targets "$build" | python3 -c '
import json, os, sys
for target in json.load(sys.stdin):
    for name in target["filename"]:
        print(os.path.relpath(name, sys.argv[1]))' "$(realpath "$build")"
    )
}

# cmocka_for TARGET COMPILER...: builds cmocka for another platform, once. Its folder is in $cmocka.
cmocka_for() {
    cmocka=$cache_dir/cmocka/$1
    (flock 9 && { [ -f "$cmocka/libcmocka.a" ] || bash .ci/cmocka.sh "$cmocka" "${@:2}"; }) 9>"$cache_dir/cmocka.lock"
}

# with_wine COMMAND...: runs the command with a Wine prefix of its own. A persistent wineserver is
# started first. A server that Wine starts by itself ends when it is idle, and a program that starts at
# that moment reports a crash.
with_wine() {
    local name=${0##*/}
    export WINEPREFIX=$ci_dir/wine-prefix-${name%.sh} WINEDEBUG=-all WINEDLLOVERRIDES='mscoree,mshtml='
    mkdir -p "$WINEPREFIX"
    wineserver -k # left by an interrupted run
    wineserver -p || return 1
    wineboot </dev/null >/dev/null 2>&1
    # The first program starts services that keep running. They must not hold a test's output open.
    wine cmd /c exit </dev/null >/dev/null 2>&1
    "$@"
    local status=$?
    wineserver -k
    return $status
}
