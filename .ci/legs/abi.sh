# shellcheck shell=bash source=.ci/common.sh
# The binary interface is that of this version, as tests/abi describes it. `.ci/legs/abi.sh --describe`
# writes that description, for a release. tests/abi/accepted.txt names each change from 0.9.
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
# The comparison fails as soon as any one name is taken from the list.
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
    local status=$? # 4: something changed; 8: so that programs break
    [ $status = 4 ] || [ $status = 12 ]
}
check "nothing has changed since the last release, or was only added" compare "$built"
check "a wider member would be noticed" breaks 's/int child_fd;/long child_fd;/'
check "another argument would be noticed" breaks 's/unsigned count, int eventfd_flags/long count, int eventfd_flags/'
check "each change from 0.9 is accepted by its name" compare_earlier "$accepted"
check "each accepted change was made" none_is_idle
check "both lists name the same removed functions" lists_agree
checks_end
