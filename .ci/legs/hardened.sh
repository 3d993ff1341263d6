# shellcheck shell=bash source=.ci/common.sh
# Builds with a distribution's hardening flags. The compiler must accept them without warnings, the files
# must show their effect, and the tests must pass. On arm64, under emulation, the flags protect branch
# targets and return addresses.
. .ci/common.sh
# Tests may ignore results of printing and reading; no_warning checks the library and the command.
common="-Wno-unused-result -O2 -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection"
linking="-Wl,-z,relro,-z,now"
fast=(--suite unit --suite posix --suite command)
build_x86() {
    local build=$ci_dir/hardened
    [ -d "$build" ] || meson setup "$build" -Dwerror=true -Dbuildtype=plain -Db_pie=true \
        -Dc_args="$common -fcf-protection=full" -Dc_link_args="$linking" || return 1
    meson compile -C "$build" -j 2
}
build_arm() {
    local build=$ci_dir/hardened-arm
    cmocka_for linux-aarch64 aarch64-linux-gnu-gcc
    [ -d "$build" ] || meson setup "$build" --cross-file .ci/cross/aarch64.ini -Dwerror=true -Dcmocka="$cmocka" \
        -Dbuildtype=plain -Db_pie=true -Dc_args="$common -mbranch-protection=standard" -Dc_link_args="$linking" || return 1
    meson compile -C "$build" -j 2
}
# has TOOL OPTION FILE PATTERN: true if the tool's output about FILE matches
has() { LC_ALL=C "$1" "$2" "$3" 2>/dev/null | grep -qE "$4"; }
every_object() { # READELF FOLDER PATTERN
    local object count=0
    while read -r object; do
        has "$1" -n "$object" "$3" || { echo "$object" && return 1; }
        count=$((count + 1))
    done < <(find "$2/src" -name '*.o' | grep -E 'libfdinherit|fdinherit\.p')
    echo "$count objects" && [ "$count" -ge 40 ]
}
no_warning() { # COMPILER FLAG: compiles the library and the command
    local file
    for file in src/*.c src/posix/*.c src/command/*.c src/command/posix/*.c; do
        # shellcheck disable=SC2086
        "$1" -std=c99 "${warnings[@]}" -Iinclude ${common#* } "$2" -c "$file" -o /dev/null || return 1
    done
}
guarded_start() { # the assembler code of clone_linux.c calls it indirectly
    objdump -d --no-show-raw-insn "$1" | grep -A1 '<fdi__run_child>:' | grep -q endbr64
}

check "no warning" no_warning gcc -fcf-protection=full
check "x86-64 builds" build_x86
build=$ci_dir/hardened
check "every object is marked for IBT and SHSTK" every_object readelf "$build" 'x86 feature: IBT, SHSTK'
check "the child's first function is a branch target" guarded_start "$build/src/libfdinherit.a"
for file in src/fdinherit.so src/command/fdinherit tests/test_spawn; do
    [ $file = src/fdinherit.so ] && file=src/$(basename "$(realpath "$build/src/libfdinherit.so")")
    check "$file: RELRO" has readelf -lW "$build/$file" GNU_RELRO
    check "$file: immediate binding" has readelf -dW "$build/$file" 'BIND_NOW|FLAGS_1.*NOW'
    check "$file: position-independent" has readelf -hW "$build/$file" 'Type: *DYN'
    check "$file: no executable stack" has readelf -lW "$build/$file" 'GNU_STACK.* RW '
    check "$file: stack protector" has nm -D "$build/$file" '__stack_chk_fail'
done
check "the command uses fortified functions" has nm -D "$build/src/command/fdinherit" '__(snprintf|fprintf|vfprintf|memcpy|printf)_chk'
check "x86-64 passes" passes "$build" "${fast[@]}"

check "no warning on arm64" no_warning aarch64-linux-gnu-gcc -mbranch-protection=standard
check "arm64 builds" build_arm
check "every object is marked for BTI and PAC" every_object aarch64-linux-gnu-readelf "$ci_dir/hardened-arm" 'AArch64 feature: BTI, PAC'
export QEMU_LD_PREFIX=/usr/aarch64-linux-gnu
# shellcheck disable=SC2016
check "arm64 passes" env FDI_EMULATED=1 emulate aarch64 bash -c '. .ci/common.sh && passes "$0" --suite unit' "$ci_dir/hardened-arm"
checks_end
