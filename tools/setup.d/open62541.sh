# open62541 1.4, the OPC UA stack. Debian 13 packages it; on Debian 12 those same packages, which ask only for an
# older libc, are unpacked into .deps/open62541 without touching the system. Sourced by tools/setup.
#
# The packages come from the mirror that this system's own apt sources name, through a private apt configuration
# (own lists, own cache), checked against the Debian archive keys like any other package.

open62541_suite=trixie
open62541_packages=(libopen62541-1.4 libopen62541-1.4-dev libmbedcrypto16 libmbedx509-7)
open62541_prefix=.deps/open62541

# Prints the system's package, where the system has one.
open62541_from_system() {
  if has_candidate libopen62541-1.4-dev; then echo libopen62541-1.4-dev; fi
}

provide_open62541() {
  if is_installed libopen62541-1.4-dev || [ -e "$open62541_prefix/complete" ]; then return 0; fi
  # Reading the package lists a moment ago may have brought it to light.
  if has_candidate libopen62541-1.4-dev; then install_packages libopen62541-1.4-dev; return 0; fi
  unpack_open62541
}

# Prints the first Debian mirror among the system's apt sources: a deb822 .sources file or a one-line .list.
debian_mirror() {
  local file uri
  for file in /etc/apt/sources.list.d/*.sources; do
    [ -r "$file" ] || continue
    # Of each enabled paragraph of type deb with component main and a Debian suite, the first URI.
    uri=$(awk 'BEGIN { RS = ""; FS = "\n" }
      {
        uri = ""; main = suite = 0; enabled = 1
        for (i = 1; i <= NF; i++) {
          n = split($i, word, /[ \t]+/); key = tolower(word[1])
          if (key == "uris:") uri = word[2]
          if (key == "enabled:" && tolower(word[2]) == "no") enabled = 0
          for (k = 2; k <= n; k++) {
            if (key == "components:" && word[k] == "main") main = 1
            if (key == "suites:" && word[k] ~ /^(bookworm|stable|oldstable)$/) suite = 1
          }
        }
        if (enabled && main && suite && uri != "") { print uri; exit }
      }' "$file")
    [ -z "$uri" ] || { echo "$uri"; return 0; }
  done
  for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -r "$file" ] || continue
    # deb [options] URI suite component...
    uri=$(sed -nE 's/^[[:space:]]*deb[[:space:]]+(\[[^]]*\][[:space:]]+)?([^[:space:]]+)[[:space:]]+(bookworm|stable|oldstable)[[:space:]]+.*main.*/\2/p' "$file" | head -n 1)
    [ -z "$uri" ] || { echo "$uri"; return 0; }
  done
  return 1
}

unpack_open62541() {
  local mirror work package
  mirror=$(debian_mirror) || die "no Debian mirror found in /etc/apt to take open62541 from; install libopen62541-1.4-dev yourself"
  say "unpacking open62541 1.4 (Debian $open62541_suite) into $open62541_prefix"

  work=$PWD/.deps/open62541.apt
  rm -rf "$work" "$open62541_prefix" "$open62541_prefix.new"
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/state" "$open62541_prefix.new"
  printf 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s %s main\n' \
    "$mirror" "$open62541_suite" > "$work/sources.list"
  local options=(
    -qq
    -o "Dir::Etc::sourcelist=$work/sources.list"
    -o Dir::Etc::sourceparts=/dev/null
    -o Dir::Etc::preferences=/dev/null
    -o Dir::Etc::preferencesparts=/dev/null
    -o "Dir::State::Lists=$work/lists"
    -o "Dir::Cache=$work/cache"
    -o "APT::Sandbox::User=$(id -un)"
    -o APT::Get::List-Cleanup=0
    -o Acquire::Languages=none
  )
  apt-get "${options[@]}" update < /dev/null >&2 || die "could not read the package lists of $open62541_suite"
  (cd "$work" && apt-get "${options[@]}" download "${open62541_packages[@]}" < /dev/null >&2) ||
    die "could not download ${open62541_packages[*]}"
  for package in "$work"/*.deb; do dpkg -x "$package" "$open62541_prefix.new"; done

  # The CMake files find the library beside themselves; they also insist on two folders of a tools package that
  # only code generators need. The pkg-config file names /usr, so it would mislead.
  mkdir -p "$open62541_prefix.new/usr/share/open62541/schema"
  rm -f "$open62541_prefix.new"/usr/lib/*/pkgconfig/open62541.pc
  touch "$open62541_prefix.new/complete"
  mv "$open62541_prefix.new" "$open62541_prefix"
  rm -rf "$work"
}
