# shellcheck shell=bash source=.ci/common.sh
# Runs README.md's two commands on minimal Debian systems: as root, as a user with sudo, with the capabilities
# of a container, in a path with spaces and with umask 077. Without sudo or apt the second command must name the packages.
. .ci/common.sh
roots=$cache_dir/machines place=$ci_dir/machines
mkdir -p "$roots"
rm -rf "$place"
mkdir -p "$place"
mapfile -t commands < <(awk '/^```sh$/ { inside = 1; next } /^```$/ { if (inside) exit } inside' README.md)
# The capabilities that containers have by default.
container=-all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,+setuid,+setpcap
container+=,+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap

# Creates the root directory of a suite once: a compiler and git, and for one user sudo.
debian() {
    local mirror
    [ -e "$roots/$1/etc/fdinherit" ] && return
    # shellcheck disable=SC2016
    mirror=$(apt-get indextargets --format '$(REPO_URI) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
        awk '$2 == "main" && !/security/ { print $1; exit }')
    rm -rf "${roots:?}/$1"
    debootstrap --variant=minbase --include=gcc,libc6-dev,git,ca-certificates "$1" "$roots/$1" "$mirror" &&
        chroot "$roots/$1" useradd -m reader &&
        echo 'Acquire::Check-Valid-Until "false";' >"$roots/$1/etc/apt/apt.conf.d/fdinherit" && touch "$roots/$1/etc/fdinherit"
}

# Runs a script in a copy of the suite's root directory, with /proc and /dev, in namespaces of its own.
# shellcheck disable=SC2016
enter='mount -t overlay none -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root" && cd "$2/root" &&
    mount -t proc none proc && mount --rbind /dev dev && mount -t tmpfs none tmp && chmod 1777 tmp &&
    mount --bind "$3" mnt && mkdir -p old && pivot_root . old && cd / && umount -l old &&
    exec env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME=/root bash -c "$4"'
on_machine() { # SUITE NAME SCRIPT
    local machine=$place/$1-$2
    mkdir -p "$machine"/{upper,work,root}
    timeout 900 unshare --mount --pid --fork --kill-child --propagation private \
        bash -c "$enter" - "$roots/$1" "$machine" "$place/source" "$3" </dev/null
}

# A reader clones into DIRECTORY and runs both commands. BEFORE is a command that prepares the machine.
# USER is a prefix that changes who the reader is.
reads() { # SUITE NAME DIRECTORY BEFORE USER...
    local reader
    printf -v reader '%q ' "${@:5}" bash -c "umask ${mask:-022}; cd && git clone -q -c advice.detachedHead=false /mnt/fdinherit.bundle '$3' && cd '$3' || exit
        said=\$({ ${commands[0]}; } 2>&1) && grep -q '^ 3  socket  .* listening  -> sh' <<<\"\$said\" && ${commands[1]}"
    on_machine "$1" "$2" "$4 && $reader; exit" # the first process stays root
}
names_packages() { # SUITE NAME BEFORE USER...
    local said
    said=$(reads "$1" "$2" fdinherit "${@:3}" 2>&1) && return 1
    echo "$said"
    grep -q 'packages: .*meson.*libcmocka-dev' <<<"$said"
}
give_sudo='apt-get -q update && apt-get install -qy --no-install-recommends sudo &&
    echo "reader ALL=(ALL) NOPASSWD: ALL" >/etc/sudoers.d/reader'
as_reader=(setpriv --reuid reader --regid reader --init-groups env HOME=/home/reader)

mkdir -p "$place/source" && git bundle create -q "$place/source/fdinherit.bundle" HEAD || exit 1
chmod 755 "$place/source"
for suite in ${FDI_MACHINES:-bookworm trixie}; do
    check "$suite, a minimal system" debian "$suite"
    check "$suite, root" reads "$suite" root fdinherit true
    check "$suite, the calls of its C library" on_machine "$suite" root 'cd && meson test -C fdinherit/build-ci/test \
        --print-errorlogs calls calls_old spawn_calls'
    check "$suite, a user with sudo" reads "$suite" sudo fdinherit "$give_sudo" "${as_reader[@]}"
    check "$suite, a container" reads "$suite" container fdinherit true setpriv --bounding-set "$container"
    mask=077 check "$suite, spaces and umask 077" reads "$suite" spaces 'a path with spaces' true
    check "$suite, a user without sudo" names_packages "$suite" without-sudo true "${as_reader[@]}"
    check "$suite, no apt" names_packages "$suite" without-apt 'rm /usr/bin/apt-get'
done
checks_end
