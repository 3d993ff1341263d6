# shellcheck shell=bash source=.ci/common.sh
# The oldest glibc that is promised, 2.17: linked against its symbols, run here.
. .ci/common.sh
cmocka_for linux-glibc217 zigcc -target x86_64-linux-gnu.2.17
meson_leg glibc217 --cross-file .ci/cross/glibc217.ini -Dcmocka="$cmocka"
