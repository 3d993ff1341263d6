# shellcheck shell=bash source=.ci/common.sh
# Tests a build for 32-bit x86 with glibc.
. .ci/common.sh
cmocka_for linux-m32 gcc -m32 -idirafter /usr/include/x86_64-linux-gnu
meson_leg m32 --cross-file .ci/cross/m32.ini -Dcmocka="$cmocka"
