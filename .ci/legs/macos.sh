# shellcheck shell=bash source=.ci/common.sh
# macOS on x86_64 and arm64: library, command and tests compile and link.
. .ci/common.sh
for machine in x86_64 arm64; do
    cmocka_for macos-$machine zigcc -target ${machine/arm64/aarch64}-macos
    meson_links macos-$machine --cross-file .ci/cross/macos-$machine.ini -Dcmocka="$cmocka"
done
checks_end
