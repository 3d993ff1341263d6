# shellcheck shell=bash source=.ci/common.sh
# Compiles the library as one file: names must not clash, and feature macros must come first.
. .ci/common.sh
one_file=(-Dunity=on -Dunity_size=1000 -Dtests=false)
check "posix" meson_build unity "${one_file[@]}"
check "windows" meson_build unity-windows --cross-file .ci/cross/win64.ini "${one_file[@]}"
check "macos" meson_build unity-macos --cross-file .ci/cross/macos-arm64.ini "${one_file[@]}"
awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md >"$ci_dir/unity.c"
check "a program links the library" gcc -Iinclude "$ci_dir/unity.c" "$ci_dir/unity/src/libfdinherit.a" -o "$ci_dir/unity.out"
check "the program runs" "$ci_dir/unity.out"
checks_end
