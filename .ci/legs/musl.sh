# shellcheck shell=bash source=.ci/common.sh
# musl, everything linked statically.
. .ci/common.sh
cmocka_for linux-musl musl-gcc
meson_leg musl --cross-file .ci/cross/musl.ini -Dcmocka="$cmocka"
