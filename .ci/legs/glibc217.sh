# shellcheck shell=bash source=.ci/common.sh
# Links against the symbols of glibc 2.17, the oldest supported, and runs on this machine's glibc. The suites
# `faults` and `refused` do not depend on those symbols.
. .ci/common.sh
cmocka_for linux-glibc217 zigcc -target x86_64-linux-gnu.2.17
TEST_ARGS=(--no-suite faults --no-suite refused)
meson_leg glibc217 --cross-file .ci/cross/glibc217.ini -Dcmocka="$cmocka"
