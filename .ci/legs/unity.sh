# shellcheck shell=bash source=.ci/common.sh
# All of the library as one file: names do not clash, and the feature macros come first.
. .ci/common.sh
one_file=(-Dunity=on -Dunity_size=1000 -Dtests=false)
check "posix" meson_build unity "${one_file[@]}"
check "windows" meson_build unity-windows --cross-file .ci/cross/win64.ini "${one_file[@]}"
check "macos" meson_build unity-macos --cross-file .ci/cross/macos-arm64.ini "${one_file[@]}"
awk '/^```c$/ { inside = 1; next } /^```$/ { inside = 0 } inside' README.md >"$ci_dir/unity.c"
check "a program links it" gcc -Iinclude "$ci_dir/unity.c" "$ci_dir/unity/src/libfdinherit.a" -o "$ci_dir/unity.out"
check "and runs" "$ci_dir/unity.out"
checks_end
