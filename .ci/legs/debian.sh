# shellcheck shell=bash source=.ci/common.sh
# Builds the Debian packages from a clean copy with Debian's own tools. lintian must report nothing.
. .ci/common.sh
version=$(sed -n "s/^ *version: '\(.*\)',/\1/p" meson.build)
work=$ci_dir/debian
rm -rf "$work"
mkdir -p "$work"
unpack() {
    git archive --prefix="fdinherit-$version/" HEAD | tar -x -C "$work" &&
        tar -C "$work" -czf "$work/fdinherit_$version.orig.tar.gz" "fdinherit-$version" &&
        cp -r docs/packaging/debian "$work/fdinherit-$version/"
}
build() { (cd "$work/fdinherit-$version" && DEB_BUILD_OPTIONS=parallel=2 dpkg-buildpackage -us -uc); }
lint() { [ -z "$(cd "$work" && lintian --allow-root --fail-on error,warning "$@" ./*.changes 2>&1 | tee /dev/stderr)" ]; }
holds() { dpkg-deb -c "$work/$1"_*.deb | grep -qE " \./$2$"; } # PACKAGE PATTERN
no_symlink_dangles() { # pages of section 3 are links to a page per family
    rm -rf "$work/tree" && dpkg-deb -x "$work"/libfdinherit-dev_*.deb "$work/tree" &&
        [ "$(find "$work/tree/usr/share/man" -type l | wc -l)" -gt 50 ] &&
        [ -z "$(find "$work/tree/usr/share/man" -xtype l)" ]
}
depends_on() { dpkg-deb -f "$work/$1"_*.deb Depends | grep -q "$2"; }
# A machine without cmocka builds the packages under the profile nocheck.
build_without_cmocka() {
    rm -rf "$work/nocheck"
    mkdir -p "$work/nocheck" && tar -C "$work/nocheck" -xzf "$work/fdinherit_$version.orig.tar.gz" &&
        cp -r docs/packaging/debian "$work/nocheck/fdinherit-$version/" && cd "$work/nocheck/fdinherit-$version" &&
        DEB_BUILD_PROFILES=nocheck DEB_BUILD_OPTIONS='nocheck parallel=2' PKG_CONFIG_LIBDIR=/nonexistent \
            CMAKE=/nonexistent dpkg-buildpackage -us -uc -b && ! ls obj-*/tests
}
check "a source package of this commit" unpack
check "dpkg-buildpackage" build
check "lintian" lint
check "the library is in its package" holds libfdinherit0 'usr/lib/.*/libfdinherit\.so\.[0-9.]+'
check "the static library is in the development package" holds libfdinherit-dev 'usr/lib/.*/libfdinherit\.a'
check "the command is in its own package" holds fdinherit 'usr/bin/fdinherit'
check "the command needs the package of the library" depends_on fdinherit libfdinherit0
check "no manual page is a dangling link" no_symlink_dangles
check "nocheck needs no cmocka" build_without_cmocka
checks_end
