# shellcheck shell=bash source=.ci/common.sh
# Runs the tests on aarch64 under qemu-user. binfmt_misc also runs the children there.
. .ci/common.sh
[ -n "${FDI_EMULATED:-}" ] || FDI_EMULATED=1 exec emulate aarch64 bash "$0"
export QEMU_LD_PREFIX=/usr/aarch64-linux-gnu
cmocka_for linux-aarch64 aarch64-linux-gnu-gcc
# qemu opens descriptors of its own, so exact lists of a child's descriptors are not compared. A child with
# an environment of its own finds no C library. qemu cannot copy a process from a second thread.
TEST_ARGS=(--no-suite exact --no-suite cancel)
meson_leg aarch64 --cross-file .ci/cross/aarch64.ini -Dcmocka="$cmocka"
