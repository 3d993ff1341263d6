# shellcheck shell=bash source=.ci/common.sh
# cffi, bindgen, cgo and zig translate-c read the unchanged header and report every constant with the C
# compiler's value, for Linux and for Windows. A program in each language calls the library on Linux.
# The leg takes half a minute, or a minute and a half with a cold cache.
. .ci/common.sh
work=$ci_dir/bindings
bindgen=$cache_dir/bindgen/bin/bindgen
python=$cache_dir/cffi/bin/python3
export GOCACHE=$cache_dir/go-build GO111MODULE=off GOTOOLCHAIN=local
rm -rf "$work.out"
mkdir -p "$work.out"

install_cffi() {
    "$python" -c 'import cffi' 2>/dev/null && return
    python3 -m venv --clear "$cache_dir/cffi" && "$cache_dir/cffi/bin/pip" install -q cffi==2.0.0 pycparser==2.23
}
install_bindgen() {
    [ -x "$bindgen" ] || cargo install -q bindgen-cli --version 0.72.1 --locked --no-default-features \
        --features runtime --root "$cache_dir/bindgen" -j 2
}
constants() { python3 tests/bindings/constants.py "$@"; }

# Each sees_TOOL SYSTEM INCLUDE OUT prints the constants that TOOL reports. OUT is a prefix of its files.
declare -A compiler=([linux]=gcc [windows]=x86_64-w64-mingw32-gcc)
declare -A objcopy=([linux]=objcopy [windows]=x86_64-w64-mingw32-objcopy)
declare -A clang_target=([linux]=x86_64-linux-gnu [windows]=x86_64-w64-mingw32)
declare -A zig_target=([linux]=x86_64-linux-gnu [windows]=x86_64-windows-gnu)
sees_cffi() { "$python" tests/bindings/sees_cffi.py "${compiler[$1]}" "$2/fdinherit.h"; }
sees_bindgen() {
    "$bindgen" "$2/fdinherit.h" --allowlist-item '(fdi|FDI)_.*' --no-prepend-enum-name -o "$3.rs" \
        -- "--target=${clang_target[$1]}" && constants names rust "$3.rs" >"$3.names" &&
        FDI_BINDING=$3.rs FDI_NAMES=$3.names rustc -D warnings --edition 2021 -L "$work/src" -l fdinherit \
            -o "$3" tests/bindings/sees.rs && "$3"
}
sees_cgo() {
    rm -rf "$3.go"
    mkdir -p "$3.go" && cp tests/bindings/sees.go "$3.go" &&
        constants names go "$work.out/$1" >"$3.go/constants.go" || return
    if [ "$1" = linux ]; then
        CGO_CFLAGS=-I$2 CGO_LDFLAGS=-L$work/src go build -o "$3" "$3.go"/*.go && "$3"
    else
        (cd "$3.go" && CC=${compiler[$1]} GOOS=$1 go tool cgo -objdir . -- "-I$2" sees.go constants.go) &&
            constants cgo "$3.go/_cgo_gotypes.go"
    fi
}
# The translation for Windows is compiled for Linux, because its constants have the same values there.
build_zig() { # SYSTEM INCLUDE OUT
    "$FDI_ZIG" translate-c -lc -target "${zig_target[$1]}" "$2/fdinherit.h" >"$3.zig" &&
        constants names zig "$3.zig" >"$3.names.zig" &&
        "$FDI_ZIG" build-exe --dep binding --dep names -Mroot=tests/bindings/sees.zig "-Mbinding=$3.zig" \
            --dep binding "-Mnames=$3.names.zig" -lc -L"$work/src" -lfdinherit \
            --cache-dir "$cache_dir/zig-cache" "-femit-bin=$3"
}
sees_zig() { build_zig "$@" && "$3"; }

compare() { # TOOL SYSTEM INCLUDE OUT EXCEPTION...
    "sees_$1" "$2" "$3" "$4" >"$4.seen" && constants compare "$work.out/$2" "$4.seen" "${@:5}"
}
# The tool reads a header with one change, and the failure must name the constant.
notices() { # TOOL NAME SED-SCRIPT EXCEPTION...
    local copy=$work.out/$1-$2 output
    mkdir -p "$copy" && sed "$3" include/fdinherit.h >"$copy/fdinherit.h" &&
        ! cmp -s include/fdinherit.h "$copy/fdinherit.h" || return
    output=$(compare "$1" linux "$copy" "$copy/out" "${@:4}" 2>&1)
    local status=$?
    echo "$output"
    [ "$status" != 0 ] && [[ $output = *"$2"* ]] && ! [[ $output = *FDI_INHERITABLE* ]]
}
reads() { # TOOL LINUX-EXCEPTIONS WINDOWS-EXCEPTIONS
    local linux windows
    read -ra linux <<<"$2"
    read -ra windows <<<"$3"
    check "$1 reports every constant" compare "$1" linux "$top/include" "$work.out/$1-linux" "${linux[@]}"
    check "$1 reports every constant for Windows" compare "$1" windows "$top/include" "$work.out/$1-windows" "${windows[@]}"
    check "$1: a changed value is noticed" notices "$1" FDI_NOFOLLOW '/FDI_NOFOLLOW =/s/0x0080/0x0081/' "${linux[@]}"
    check "$1: a missing constant is noticed" notices "$1" FDI_FORM_DIR_FD '/^ *FDI_FORM_DIR_FD/d' "${linux[@]}"
}

export LD_LIBRARY_PATH=$work/src
check "builds" meson_build bindings -Dtests=false -Dcommand=false
check "cffi is installed" install_cffi
check "bindgen is installed" install_bindgen
check "zig is installed" install_zig
for system in linux windows; do
    constants expected "${compiler[$system]}" "${objcopy[$system]}" include/fdinherit.h >"$work.out/$system"
    check "the C compiler for $system gives the values" test -s "$work.out/$system"
done
check "no constant is left out" constants complete include/fdinherit.h "$work.out/linux" "$work.out/windows"
# Preprocessed text has no macros, so cffi's user defines these by hand. bindgen translates UINTPTR_MAX
# to -1.
macros='FDI_VERSION FDI_VERSION_MAJOR FDI_VERSION_MINOR FDI_VERSION_PATCH FDI_NO_LIMIT'
reads cffi "$macros" "$macros FDI_NO_SOCKET"
reads bindgen '' FDI_NO_SOCKET=-1
reads cgo '' ''
reads zig '' ''
version=$(sed -n 's/^FDI_VERSION=//p' "$work.out/linux")
check "a cffi program calls the library" "$python" tests/bindings/sees_cffi.py gcc include/fdinherit.h \
    "$work/src/libfdinherit.so" "$version" README.md
for tool in bindgen cgo zig; do check "a $tool program calls the library" "$work.out/$tool-linux" README.md; done
check "gofmt" test -z "$(gofmt -l tests/bindings)"
check "rustfmt" rustfmt --edition 2021 --check tests/bindings/sees.rs
check "zig fmt" "$FDI_ZIG" fmt --check tests/bindings/sees.zig
checks_end
