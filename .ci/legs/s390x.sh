# shellcheck shell=bash source=.ci/common.sh
# Runs the tests on s390x under qemu-user. binfmt_misc also runs the children there.
. .ci/common.sh
[ -n "${FDI_EMULATED:-}" ] || FDI_EMULATED=1 exec emulate s390x bash "$0"
export QEMU_LD_PREFIX=/usr/s390x-linux-gnu
cmocka_for linux-s390x s390x-linux-gnu-gcc
# qemu opens descriptors of its own, so exact lists of a child's descriptors are not compared. A child with
# an environment of its own finds no C library. qemu cannot copy a process from a second thread.
TEST_ARGS=(--no-suite exact --no-suite cancel)
meson_leg s390x --cross-file .ci/cross/s390x.ini -Dcmocka="$cmocka"
