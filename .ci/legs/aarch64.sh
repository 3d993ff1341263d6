# shellcheck shell=bash source=.ci/common.sh
# aarch64 under qemu-user; children are really executed, by binfmt_misc.
. .ci/common.sh
[ -n "${FDI_EMULATED:-}" ] || FDI_EMULATED=1 exec emulate aarch64 bash "$0"
export QEMU_LD_PREFIX=/usr/aarch64-linux-gnu
cmocka_for linux-aarch64 aarch64-linux-gnu-gcc
# What a child has to the last descriptor: qemu adds some of its own.
TEST_ARGS=(--no-suite exact)
meson_leg aarch64 --cross-file .ci/cross/aarch64.ini -Dcmocka="$cmocka"
