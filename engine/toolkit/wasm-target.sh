#!/usr/bin/env bash
# Finds or makes a Rust compiler that can build wasm32-unknown-unknown, the target of the plugins.
#
#   usage: wasm-target.sh [DIR]      (DIR: default ${XDG_CACHE_HOME:-~/.cache}/dialogo/wasm-rust)
#
# The last line of stdout is the value to use as RUSTC; progress goes to stderr.
#   1. the rustc at hand already has the target         -> that rustc, nothing else happens
#   2. only with WASM_TARGET_RUSTUP=1, because it changes the user's toolchain:
#      `rustup target add` works                        -> that rustc
#   3. Debian: rustc-web and its parts are unpacked into DIR (nothing is installed, no root needed)
#      and std is built for the target from rust-web-src -> DIR/bin/rustc
# It does not build plugins; `cargo xtask plugins` calls it and does. DIR can be deleted at any time.
set -euo pipefail
TARGET=wasm32-unknown-unknown
DIR=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/dialogo/wasm-rust}
case $DIR in /*) ;; *) DIR=$PWD/$DIR ;; esac
CARGO=${CARGO:-cargo}
say() { printf '%s\n' "wasm-target: $*" >&2; }

# $1: a rustc; true if it has a std for TARGET
has_target() {
  local libdir
  libdir=$("$1" --print target-libdir --target "$TARGET" 2>/dev/null) || return 1
  compgen -G "$libdir/libstd-*.rlib" >/dev/null
}

# 1: what is there already
if command -v rustc >/dev/null && has_target rustc; then say "rustc has $TARGET"; echo rustc; exit; fi

# 2: rustup, if asked for
if [ "${WASM_TARGET_RUSTUP:-0}" = 1 ] && command -v rustup >/dev/null; then
  say "rustup target add $TARGET"
  if timeout 300 rustup target add "$TARGET" >&2 && has_target rustc; then echo rustc; exit; fi
  say "rustup could not add it; trying Debian's packages"
fi

# 3: Debian's packages
for tool in apt-get apt-cache dpkg dpkg-deb; do
  command -v "$tool" >/dev/null || { say "no $TARGET here and no $tool: run 'rustup target add $TARGET'"; exit 1; }
done
command -v "$CARGO" >/dev/null || { say "cargo not found"; exit 1; }
# apt in folders of its own: works without root and leaves the system's lists alone
APT=$DIR.apt
mkdir -p "$APT/lists/partial" "$APT/cache/archives/partial"
apt_options=(-o Dir::State::Lists="$APT/lists" -o Dir::Cache="$APT/cache" -o Debug::NoLocking=1
             -o APT::Sandbox::User="$(id -un)")
show() { apt-cache "${apt_options[@]}" show --no-all-versions "$1" 2>/dev/null; }
if [ -z "$(show rust-web-src)" ]; then
  say "reading Debian's package lists"
  apt-get "${apt_options[@]}" update -qq >&2 || {
    say "apt-get update failed; with rustup: rustup target add $TARGET"; exit 1; }
fi
# No `| head`, `grep -q` or `grep -m1` behind apt-cache: the broken pipe would end the script under pipefail.
VERSION=$(show rustc-web | sed -n 's/^Version: //p') || true
[ -n "$VERSION" ] || { say "this Debian has no rustc-web; with rustup: rustup target add $TARGET"; exit 1; }
if [ "$(cat "$DIR/stamp" 2>/dev/null || true)" = "$VERSION" ] && has_target "$DIR/bin/rustc"; then
  say "cached: $DIR ($VERSION)"; echo "$DIR/bin/rustc"; exit
fi
STD=$(show libstd-rust-web-dev | sed -n 's/^Depends:.*\(libstd-rust-web-[0-9.]*\).*/\1/p')
LLVM=$(show "$STD" | sed -n 's/^Depends:.*\(libllvm[0-9]*\).*/\1/p')
LLD=lld-${LLVM#libllvm}

mkdir -p "$(dirname "$DIR")"
WORK=$(mktemp -d "$DIR.tmp.XXXXXX")
trap 'rm -rf "$WORK"' EXIT
say "downloading and unpacking rustc-web $VERSION ($STD, $LLVM, $LLD), about 500 MB on disk"
mkdir "$WORK/debs" "$WORK/files" "$WORK/src" "$WORK/toolchain"
( cd "$WORK/debs" && apt-get -qq "${apt_options[@]}" download \
    rustc-web "$STD" libstd-rust-web-dev rust-web-src rust-web-llvm "$LLVM" "$LLD" >&2 )
for deb in "$WORK"/debs/*.deb; do
  case $deb in
    */rust-web-src_*) dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$WORK/src" --strip-components=4 \
                        --wildcards './usr/src/rustc-*/library' ;;
    *) dpkg -x "$deb" "$WORK/files" ;;
  esac
  rm "$deb"
done

T=$WORK/toolchain
HOST=$(basename "$WORK"/files/usr/lib/rustlib/*-linux-gnu)
mkdir -p "$T/bin" "$T/libexec" "$T/lib/rustlib/$HOST/bin" "$T/lib/rustlib/src/rust"
mv "$WORK/files/usr/bin/rustc" "$T/libexec/rustc"
mv "$WORK"/files/usr/lib/*-linux-gnu/*.so* "$T/lib/"
mv "$WORK/files/usr/lib/rustlib/$HOST/lib" "$T/lib/rustlib/$HOST/lib"
cp -L "$WORK/files/usr/lib/llvm-${LLVM#libllvm}/bin/lld" "$T/lib/rustlib/$HOST/bin/rust-lld"
mv "$WORK/src/library" "$T/lib/rustlib/src/rust/library"
cat > "$T/bin/rustc" <<'R'
#!/bin/sh
d=$(dirname "$(dirname "$(readlink -f "$0")")")
LD_LIBRARY_PATH="$d/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"; export LD_LIBRARY_PATH
exec "$d/libexec/rustc" "$@"
R
chmod +x "$T/bin/rustc"
"$T/bin/rustc" -V >&2

say "building std for $TARGET"
mkdir -p "$WORK/mkstd/src"
: > "$WORK/mkstd/src/lib.rs"
printf '[package]\nname="mkstd"\nversion="0.0.0"\nedition="2021"\n[profile.release]\ncodegen-units=1\n' \
  > "$WORK/mkstd/Cargo.toml"
SRC=$T/lib/rustlib/src/rust
( cd "$WORK/mkstd"
  unset CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS RUSTC_WRAPPER CARGO_BUILD_TARGET
  # embed-bitcode: without it a plugin with lto = true cannot link
  RUSTC_BOOTSTRAP=1 RUSTC="$T/bin/rustc" CARGO_TARGET_DIR="$WORK/target" CARGO_INCREMENTAL=0 \
  RUSTFLAGS="-Cembed-bitcode=yes --remap-path-prefix=$SRC=/rustc/std" \
  "$CARGO" build -q --release --offline --target $TARGET -Zbuild-std=std,panic_abort \
    --config 'source.crates-io.replace-with="vendored"' \
    --config "source.vendored.directory=\"$SRC/library/vendor\"" >&2 )
L=$T/lib/rustlib/$TARGET/lib
mkdir -p "$L"
cp "$WORK"/target/$TARGET/release/deps/*.rlib "$L/"
rm -f "$L"/libmkstd-*
rm -rf "$SRC"
has_target "$T/bin/rustc"
echo "$VERSION" > "$T/stamp"
rm -rf "$DIR"
mv "$T" "$DIR"
say "ready: $DIR"
echo "$DIR/bin/rustc"
