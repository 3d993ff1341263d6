# shellcheck shell=bash source=.ci/common.sh
# Runs the tests on s390x under qemu-user. binfmt_misc also runs the children there.
. .ci/common.sh
[ -n "${FDI_EMULATED:-}" ] || FDI_EMULATED=1 exec emulate s390x bash "$0"
export QEMU_LD_PREFIX=/usr/s390x-linux-gnu
cmocka_for linux-s390x s390x-linux-gnu-gcc
# qemu opens descriptors of its own, so exact lists of a child's descriptors are not compared.
TEST_ARGS=(--no-suite exact)
meson_leg s390x --cross-file .ci/cross/s390x.ini -Dcmocka="$cmocka"
