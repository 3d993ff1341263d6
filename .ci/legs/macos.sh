# shellcheck shell=bash source=.ci/common.sh
# Compiles and links the library, command and tests for macOS on x86_64 and arm64.
. .ci/common.sh
for machine in x86_64 arm64; do
    cmocka_for macos-$machine zigcc -target ${machine/arm64/aarch64}-macos
    meson_links macos-$machine --cross-file .ci/cross/macos-$machine.ini -Dcmocka="$cmocka"
done
checks_end
