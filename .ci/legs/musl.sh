# shellcheck shell=bash source=.ci/common.sh
# Tests a static build with musl.
. .ci/common.sh
cmocka_for linux-musl musl-gcc
meson_leg musl --cross-file .ci/cross/musl.ini -Dcmocka="$cmocka"
