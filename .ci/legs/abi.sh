# shellcheck shell=bash source=.ci/common.sh
# Compares the binary interface with the description of this version in tests/abi. At a release,
# `.ci/legs/abi.sh --describe` writes that description. tests/abi/accepted.txt names each change from 0.9.
. .ci/common.sh
released=tests/abi/x86_64-linux-gnu.abi
earlier=tests/abi/x86_64-linux-gnu-0.9.abi
accepted=tests/abi/accepted.txt
built=$ci_dir/abi/src/libfdinherit.so
meson_build abi -Dtests=false -Dcommand=false || exit 1
if [ "${1:-}" = --describe ]; then
    abidw --headers-dir include --no-show-locs --no-corpus-path --no-comp-dir-path \
        --out-file "$released" "$built"
    exit
fi
compare() { abidiff --no-added-syms --no-show-locs "$released" "$1"; }
compare_earlier() { abidiff --suppressions "$1" --no-added-syms --no-show-locs "$earlier" "$built"; }
# The comparison must fail if any single name is removed from the list.
none_is_idle() {
    local name shorter=$ci_dir/abi-shorter.txt
    while read -r name; do
        sed "s/^name = $name\$/name = none/" "$accepted" >"$shorter"
        ! compare_earlier "$shorter" >/dev/null || { echo "$name has not changed" && return 1; }
    done < <(sed -n 's/^name = //p' "$accepted")
}
lists_agree() {
    diff <(sed -n '/^change_kind = deleted/{n;s/^name = //p}' "$accepted") <(grep '^fdi_' tests/abi/removed.txt)
}
# Builds the same library with one type changed, which abidiff must report.
breaks() { # SED-SCRIPT
    local copy=$ci_dir/abi-broken
    rm -rf "$copy"
    mkdir -p "$copy" && cp -r include src "$copy/" && sed -i "$1" "$copy"/include/*.h "$copy"/src/*.[ch] "$copy"/src/posix/*.c &&
        gcc -g -shared -fPIC -w -I"$copy/include" "$copy"/src/*.c "$copy"/src/posix/*.c \
            -Wl,--version-script=src/fdinherit.map -Wl,-soname,libfdinherit.so.0 -o "$copy/libfdinherit.so" || return 1
    compare "$copy/libfdinherit.so"
    local status=$? # bit 4: a change; bit 8: an incompatible change
    [ $status = 4 ] || [ $status = 12 ]
}
check "the interface has no change since the last release except additions" compare "$built"
check "the comparison notices a wider member" breaks 's/int child_fd;/long child_fd;/'
check "the comparison notices a changed argument type" breaks 's/unsigned count, int eventfd_flags/long count, int eventfd_flags/'
check "accepted.txt names each change from 0.9" compare_earlier "$accepted"
check "each name in accepted.txt has changed" none_is_idle
check "accepted.txt and removed.txt name the same removed functions" lists_agree
checks_end
