# shellcheck shell=bash source=.ci/common.sh
# Tests Windows x86_64 under Wine, with the universal CRT (ucrt) of Windows 10.
. .ci/common.sh
# Tests run one at a time: Wine 8's server crashes if a program lists all handles while others start or end.
TEST_ARGS=(--num-processes 1 --no-suite faults) # the leg wincover runs these
specs=$ci_dir/ucrt.specs
x86_64-w64-mingw32-gcc -dumpspecs | sed 's/-lmsvcrt/-lucrt/g' >"$specs"
cmocka_for windows-ucrt x86_64-w64-mingw32-gcc "-specs=$specs" -D_UCRT
with_wine meson_leg wine-ucrt --cross-file .ci/cross/win64.ini -Dcmocka="$cmocka" \
    "-Dc_args=['-specs=$specs', '-D_UCRT']" "-Dc_link_args=['-specs=$specs', '-static']"
