# shellcheck shell=bash source=.ci/common.sh
# Windows x86_64 under Wine, with the run-time msvcrt.
. .ci/common.sh
# One at a time: Wine 8's server crashes where one program asks for all handles while others come and go.
TEST_ARGS=(--num-processes 1 --no-suite faults) # which the leg wincover has
cmocka_for windows-x86_64 x86_64-w64-mingw32-gcc
with_wine meson_leg wine --cross-file .ci/cross/win64.ini -Dcmocka="$cmocka"
