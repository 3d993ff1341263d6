# shellcheck shell=bash source=.ci/common.sh
# s390x under qemu-user; children are really executed, by binfmt_misc.
. .ci/common.sh
[ -n "${FDI_EMULATED:-}" ] || FDI_EMULATED=1 exec emulate s390x bash "$0"
export QEMU_LD_PREFIX=/usr/s390x-linux-gnu
cmocka_for linux-s390x s390x-linux-gnu-gcc
# What a child has to the last descriptor: qemu adds some of its own.
TEST_ARGS=(--no-suite exact)
meson_leg s390x --cross-file .ci/cross/s390x.ini -Dcmocka="$cmocka"
