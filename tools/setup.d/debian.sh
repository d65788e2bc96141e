# Debian packages: which are missing, and installing them. Sourced by tools/setup.

# Prints the packages of the named sets, one a line, alternatives as a|b.
packages_of_sets() {
  awk -v wanted="$*" '
    /^[[:space:]]*(#|$)/ { next }
    { name = $1 }
    name ~ /:$/ { sub(/:$/, "", name); for (i = 2; i <= NF; i++) includes[name] = includes[name] " " $i; next }
    { for (i = 2; i <= NF; i++) packages[name] = packages[name] "\n" $i }
    function emit(set, i, n, part) {
      if (set in seen) return
      seen[set] = 1
      n = split(includes[set], part, " ")
      for (i = 1; i <= n; i++) emit(part[i])
      n = split(packages[set], part, "\n")
      for (i = 1; i <= n; i++) if (part[i] != "" && !(part[i] in printed)) { printed[part[i]] = 1; print part[i] }
    }
    END { n = split(wanted, set, " "); for (k = 1; k <= n; k++) emit(set[k]) }
  ' tools/setup.d/packages
}

is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# True when the package lists name a version of the package that could be installed.
has_candidate() {
  local candidate
  candidate=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null | awk '$1 == "Candidate:" { print $2 }')
  [ -n "$candidate" ] && [ "$candidate" != "(none)" ]
}

# Runs a command as root: directly, through sudo, or not at all (returns 1).
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo > /dev/null && { [ -t 0 ] || sudo -n true 2> /dev/null; }; then
    sudo "$@"
  else
    return 1
  fi
}

can_be_root() {
  [ "$(id -u)" = 0 ] || { command -v sudo > /dev/null && { [ -t 0 ] || sudo -n true 2> /dev/null; }; }
}

apt_updated=
apt_update() {
  [ -z "$apt_updated" ] || return 0
  apt_updated=1
  say "reading the package lists (apt-get update)"
  as_root apt-get update -qq < /dev/null >&2 ||
    say "some package lists could not be read; going on with what there is"
}

# Prints the first alternative of a|b|c that is installed or can be installed; the first of all otherwise.
choose_alternative() {
  local alternatives name
  IFS='|' read -ra alternatives <<< "$1"
  for name in "${alternatives[@]}"; do is_installed "$name" && { echo "$name"; return; }; done
  if [ ${#alternatives[@]} -gt 1 ]; then
    for name in "${alternatives[@]}"; do has_candidate "$name" && { echo "$name"; return; }; done
  fi
  echo "${alternatives[0]}"
}

# What apt-get and dpkg say goes to .deps/apt.log, and to the screen when it fails.
apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    -o Dpkg::Use-Pty=0 "$@" < /dev/null > .deps/apt.log 2>&1 || { tail -n 20 .deps/apt.log >&2; return 1; }
}

# install_packages PACKAGE...: installs those that are missing, or says whom to ask and ends.
install_packages() {
  local missing=() name unknown=
  for name in "$@"; do is_installed "$name" || missing+=("$name"); done
  [ ${#missing[@]} -gt 0 ] || return 0

  command -v apt-get > /dev/null || die "this is not a Debian system; please install: ${missing[*]}"
  if ! can_be_root; then
    say "these Debian packages are missing, and installing them needs an administrator:"
    printf '\n    apt-get install --no-install-recommends %s\n\n' "${missing[*]}" >&2
    die "ask for them, then run this again"
  fi
  for name in "${missing[@]}"; do has_candidate "$name" || unknown=1; done
  [ -z "$unknown" ] || apt_update
  say "installing ${#missing[@]} Debian packages (a minute or two): ${missing[*]}"
  # Package lists that are some days old can name files that are gone from the mirror: read them again once.
  apt_install "${missing[@]}" || { apt_update && apt_install "${missing[@]}"; } ||
    die "apt-get could not install: ${missing[*]}"
}

install_debian_packages() {
  local wanted=() item
  for item in $(packages_of_sets "$@"); do
    # With empty package lists no alternative looks installable: read them before choosing.
    if [[ $item == *'|'* ]] && ! has_candidate libc6-dev && can_be_root; then apt_update; fi
    wanted+=("$(choose_alternative "$item")")
  done
  # All in one go, so that an administrator is asked once.
  wanted+=($(open62541_from_system) $(node_from_system))
  install_packages "${wanted[@]}"
}
