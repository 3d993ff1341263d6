# shellcheck shell=bash source=.ci/common.sh
# Tests Windows x86_64 under Wine, with the CRT msvcrt.
. .ci/common.sh
# Tests run one at a time: Wine 8's server crashes if a program lists all handles while others start or end.
TEST_ARGS=(--num-processes 1 --no-suite faults) # the leg wincover runs these
cmocka_for windows-x86_64 x86_64-w64-mingw32-gcc
with_wine meson_leg wine --cross-file .ci/cross/win64.ini -Dcmocka="$cmocka"
