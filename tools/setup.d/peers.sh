# Other databases, to be measured beside ours (make bench-peers): VictoriaMetrics, ClickHouse and InfluxDB as Debian
# packages them, DuckDB from npm. They are unpacked into .deps/peers and not installed: no service of theirs is
# ever started by the system, and nothing of the system changes. Sourced by tools/setup.

peers_prefix=.deps/peers
peers_debian=(victoria-metrics clickhouse-server influxdb)
peers_duckdb=1.4.4
peers_duckdb_bindings=1.4.4-r.4

provide_peers() {
  [ ! -e "$peers_prefix/complete" ] || return 0
  command -v apt-get > /dev/null || die "the peers come from Debian packages, and this is not a Debian system"
  has_candidate "${peers_debian[0]}" || ! can_be_root || apt_update
  local work=$PWD/.deps/peers.new
  rm -rf "$work" "$peers_prefix"
  mkdir -p "$work/archives/partial" "$work/debian" "$work/duckdb" "$work/duckdb-sources"
  unpack_debian_peers "$work"
  unpack_duckdb "$work"
  touch "$work/complete"
  rm -rf "$work/archives" "$work/duckdb-sources"
  mv "$work" "$peers_prefix"
}

# The packages and those libraries of theirs that are not here, beside each other.
unpack_debian_peers() {
  local work=$1 package
  say "unpacking ${peers_debian[*]} into $peers_prefix"
  apt-get -qq -y --no-install-recommends --download-only -o Debug::NoLocking=1 -o "Dir::Cache::archives=$work/archives" \
    -o "APT::Sandbox::User=$(id -un)" install "${peers_debian[@]}" < /dev/null >&2 ||
    die "apt-get could not download ${peers_debian[*]}"
  for package in "$work"/archives/*.deb; do dpkg -x "$package" "$work/debian"; done
}

# The library and, of the sources, its one header of the C interface.
unpack_duckdb() {
  local work=$1 architecture
  case $(uname -m) in
    x86_64) architecture=x64 ;;
    aarch64) architecture=arm64 ;;
    *) say "no DuckDB for $(uname -m): it is left out"; return 0 ;;
  esac
  say "unpacking DuckDB $peers_duckdb into $peers_prefix"
  unpack_npm_package "@duckdb/node-bindings-linux-$architecture@$peers_duckdb_bindings" "$work/duckdb"
  unpack_npm_package "duckdb@$peers_duckdb" "$work/duckdb-sources"
  cp "$work/duckdb-sources/src/duckdb/src/include/duckdb.h" "$work/duckdb/"
}
