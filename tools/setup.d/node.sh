# Node for the console: 20.19 or later. An older one (Debian 12 packages 18) is left alone, and a private Node and
# npm are unpacked from npm packages into .deps/node; the Makefile puts .deps/node/bin first in PATH.
# Sourced by tools/setup.

node_at_least=20.19.0
node_private=22.23.3
npm_private=10.9.9
node_prefix=.deps/node

# node_is_new_enough COMMAND
node_is_new_enough() {
  local version
  version=$("$1" --version 2> /dev/null) || return 1
  [ "$(printf '%s\n%s\n' "$node_at_least" "${version#v}" | sort -V | head -n 1)" = "$node_at_least" ]
}

# Prints the Debian packages that bring npm, where there is none: everything else is fetched with it. A node that
# somebody else put here is never installed over.
node_from_system() {
  if [ -x "$node_prefix/bin/node" ] || command -v npm > /dev/null; then return 0; fi
  if ! command -v node > /dev/null || is_installed nodejs; then echo nodejs npm; fi
}

provide_node() {
  # What an earlier run unpacked serves as long as it is the version named above.
  if [ "$("$node_prefix/bin/node" --version 2> /dev/null)" = "v$node_private" ]; then return 0; fi
  if node_is_new_enough node && command -v npm > /dev/null; then return 0; fi

  command -v npm > /dev/null ||
    die "node is here ($(command -v node)) but npm is not: please install the npm that belongs to it"
  unpack_node
}

unpack_node() {
  local architecture work
  case $(uname -m) in
    x86_64) architecture=x64 ;;
    aarch64) architecture=arm64 ;;
    *) die "no npm package of Node for $(uname -m): please install Node $node_at_least or later" ;;
  esac
  say "unpacking Node $node_private into $node_prefix (the system has $(node --version 2> /dev/null || echo none))"

  work=.deps/node.new
  rm -rf "$work" "$node_prefix"
  mkdir -p "$work/lib/node_modules/npm"
  unpack_npm_package "node-linux-$architecture@$node_private" "$work"
  unpack_npm_package "npm@$npm_private" "$work/lib/node_modules/npm"
  ln -s ../lib/node_modules/npm/bin/npm-cli.js "$work/bin/npm"
  ln -s ../lib/node_modules/npm/bin/npx-cli.js "$work/bin/npx"
  chmod +x "$work"/bin/* "$work"/lib/node_modules/npm/bin/*.js
  rm -rf "$work/include" "$work/share"
  mv "$work" "$node_prefix"
  PATH="$PWD/$node_prefix/bin:$PATH" npm --version > /dev/null || die "the private Node does not run"
}

# unpack_npm_package NAME@VERSION FOLDER: npm checks the package against the registry's checksum.
unpack_npm_package() {
  local tarball
  tarball=$(cd .deps && npm pack --loglevel=error "$1" < /dev/null | tail -n 1)
  [ -f ".deps/$tarball" ] || die "npm could not fetch $1"
  tar -xzf ".deps/$tarball" -C "$2" --strip-components=1
  rm -f ".deps/$tarball"
}
