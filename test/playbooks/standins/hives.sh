#!/bin/sh
# reg.exe, bcdedit.exe and bcdboot.exe on real hive files, by Debian's hivexsh: a hive that hivex refuses does not load, and what is written is written into the
# file. $BM as in simulator/guests/powershell/tools.sh, whose other tools stand beside these. hivexsh ends at the first command that fails.
# Logs are not applied, for hivex cannot: a hive that is dirty beside its logs becomes a clean one by being written whole.
PATH=/usr/bin:/bin
tool=$(basename "$0" .exe)
printf '%s\n' "$tool $*" >> "$BM/calls"

host() { # F:\Windows\x -> the case's file
  p=$(printf '%s' "$1" | tr '\\' '/')
  case "$p" in
    [A-Za-z]:*) printf '%s/%s' "$(awk -v l="${p%%:*}" '$1 == l { print $2 }' "$BM/mounts")" "${p#??/}" ;;
    *) printf '%s' "$p" ;;
  esac
}
hive_of() { # HKLM\X\a\b -> sets HIVE (file), FULL (as reg.exe prints it) and KEY (\a\b; \ = the root)
  set -- "${1#*\\}"
  case "$1" in *\\*) KEY="\\${1#*\\}" ;; *) KEY='\' ;; esac
  HIVE=$(awk -v k="${1%%\\*}" '$1 == k { print $2 }' "$BM/loaded")
  FULL="HKEY_LOCAL_MACHINE\\${1%%\\*}"
  [ -n "$HIVE" ]
}
read_hive() { hivexsh "$1" 2>/dev/null; }
write_hive() { hivexsh -w "$1" >/dev/null 2>&1; }
exists() { printf 'cd %s \n' "$2" | read_hive "$1" >/dev/null; }
make_key() { # file path, with the keys on the way
  exists "$1" "$2" && return
  make_key "$1" "${2%\\*}" || return
  printf 'cd %s \nadd %s\ncommit\n' "$(parent "$2")" "${2##*\\}" | write_hive "$1"
}
parent() { case "${1%\\*}" in '') printf '\\' ;; *) printf '%s' "${1%\\*}" ;; esac; }

# Of a line that hivexsh prints for a value: its name, its type and its data as reg.exe prints it, or as hivexsh takes it (every text as its bytes).
VALUES='
function digit(c) { return index("0123456789abcdef", tolower(c)) - 1 }
function number(hex,  i, n) { for (i = 1; i <= length(hex); i++) n = n * 16 + digit(substr(hex, i, 1)); return n }
function utf8(c) {
  if (c < 128) return sprintf("%c", c)
  if (c < 2048) return sprintf("%c%c", 192 + int(c / 64), 128 + c % 64)
  return sprintf("%c%c%c", 224 + int(c / 4096), 128 + int(c / 64) % 64, 128 + c % 64)
}
function plain(s,  i, c, out) {
  for (i = 1; i <= length(s); i++) { c = substr(s, i, 1); if (c == "\\") { i++; c = substr(s, i, 1) } out = out c }
  return out
}
function wide(s,  i, b, c, more, out) { # the bytes of a text in UTF-16, without an end
  if (!made) { for (i = 1; i < 256; i++) byte[sprintf("%c", i)] = i; made = 1 }
  for (i = 1; i <= length(s); i++) {
    b = byte[substr(s, i, 1)]
    if (b < 128) { c = b; more = 0 } else if (b < 224) { c = b - 192; more = 1 } else { c = b - 224; more = 2 }
    for (; more > 0; more--) { i++; c = c * 64 + byte[substr(s, i, 1)] - 128 }
    out = out sprintf("%02x,%02x,", c % 256, int(c / 256))
  }
  return out
}
function lines(hex,  at, c, out) { # of a REG_MULTI_SZ, with \0 between
  gsub(/,/, "", hex)
  for (at = 1; at < length(hex); at += 4) {
    c = number(substr(hex, at + 2, 2)) * 256 + number(substr(hex, at, 2))
    out = out (c ? utf8(c) : "\\0")
  }
  sub(/(\\0)+$/, "", out)
  return out
}
function take(line,  rest, t) { # sets NAME, TYPE, SHOWN, TAKEN
  if (!match(line, /^"([^"\\]|\\.)*"=/)) return 0
  NAME = plain(substr(line, 2, RLENGTH - 3)); rest = substr(line, RLENGTH + 1)
  if (rest ~ /^(str\([0-9]+\):)?"/) {
    t = (rest ~ /^str/) ? substr(rest, 5) + 0 : 1
    sub(/^str\([0-9]+\):/, "", rest)
    SHOWN = plain(substr(rest, 2, length(rest) - 2)); TYPE = (t == 2) ? "REG_EXPAND_SZ" : "REG_SZ"; TAKEN = "hex:" t ":" wide(SHOWN) "00,00"
  } else if (rest ~ /^[dq]word:/) {
    TYPE = (rest ~ /^d/) ? "REG_DWORD" : "REG_QWORD"
    SHOWN = substr(rest, 7); TAKEN = substr(rest, 1, 6) "0x" SHOWN; sub(/^0+/, "", SHOWN); SHOWN = "0x" (SHOWN == "" ? "0" : SHOWN)
  } else {
    t = substr(rest, 5) + 0; sub(/^hex\([0-9]+\):/, "", rest); TAKEN = "hex:" t ":" rest
    if (t == 7) { TYPE = "REG_MULTI_SZ"; SHOWN = lines(rest) }
    else { TYPE = (t == 3) ? "REG_BINARY" : "REG_NONE"; gsub(/,/, "", rest); SHOWN = toupper(rest) }
  }
  return 1
}
'

reg_query() { # <key> [/v <name>]
  hive_of "$1" || return 1
  printf 'cd %s \ncd\nlsval\ncd\nls\n' "$KEY" | read_hive "$HIVE" > "$BM/query" || return 1
  FULL="$FULL" WANT="$3" LC_ALL=C awk "$VALUES"'
    BEGIN { want = tolower(ENVIRON["WANT"]) }
    NR == 1 { at = ENVIRON["FULL"] ($0 == "\\" ? "" : $0); head = $0; print ""; print at; next }
    $0 == head { below = 1; next }
    below { if (want == "") print at "\\" $0; next }
    take($0) && (want == "" || tolower(NAME) == want) { print "    " (NAME == "@" ? "(Standaard)" : NAME) "    " TYPE "    " SHOWN; got++ }
    END { exit (want == "" || got) ? 0 : 1 }' "$BM/query"
}
reg_search() { # <key> /s /v <name>: level by level
  hive_of "$1" && exists "$HIVE" "$KEY" || return 1
  printf '%s\n' "$KEY" > "$BM/level"
  : > "$BM/found"
  while [ -s "$BM/level" ]; do
    awk '{ print "cd " $0 " "; print "cd"; print "lsval"; print "cd"; print "ls" }' "$BM/level" | read_hive "$HIVE" > "$BM/query" || return 2
    FULL="$FULL" WANT="$4" FOUND="$BM/found" LC_ALL=C awk "$VALUES"'
      BEGIN { want = tolower(ENVIRON["WANT"]) }
      /^\\/ { below = ($0 == at); at = $0; next }
      below { print at "\\" $0; next }
      index(tolower($0), "\"" want "\"=") == 1 && take($0) { printf "\n%s\n    %s    %s    %s\n", ENVIRON["FULL"] at, NAME, TYPE, SHOWN >> ENVIRON["FOUND"] }' "$BM/query" > "$BM/below"
    mv "$BM/below" "$BM/level"
  done
  cat "$BM/found"
  # The last line is localised; this repair VM is Dutch.
  printf '\nZoekopdracht voltooid: %s overeenkomst(en) gevonden.\n' "$(grep -c '^    ' "$BM/found")"
  [ -s "$BM/found" ]
}
set_value() { # file key name value; no value: deleted. hivexsh knows all values of a key at once only.
  printf 'cd %s \nlsval\n' "$2" | read_hive "$1" > "$BM/values" || return 1
  KEY="$2" N="$3" V="$4" LC_ALL=C awk "$VALUES"'
    function add(name, value) { all = all (name == "" ? "@" : name) "\n" value "\n"; count++ }
    take($0) { if (tolower(NAME) == tolower(ENVIRON["N"])) { was = 1; if (ENVIRON["V"] != "") add(NAME, ENVIRON["V"]) } else add(NAME, TAKEN) }
    END {
      if (!was && ENVIRON["V"] == "") exit 1
      if (!was) add(ENVIRON["N"], ENVIRON["V"])
      printf "cd %s \nsetval %d\n%scommit\n", ENVIRON["KEY"], count, all
    }' "$BM/values" > "$BM/change" && write_hive "$1" < "$BM/change"
}
taken() { # type data -> as hivexsh takes it
  T="$1" D="$2" LC_ALL=C awk "$VALUES"'BEGIN {
    t = ENVIRON["T"]; d = ENVIRON["D"]
    if (t == "REG_DWORD") print "dword:" d
    else if (t == "REG_BINARY") print "hex:3:" d
    else if (t == "REG_MULTI_SZ") { n = split(d, each, /\\0/); for (i = 1; i <= n; i++) out = out wide(each[i]) "00,00,"; print "hex:7:" out "00,00" }
    else print "hex:" (t == "REG_EXPAND_SZ" ? 2 : 1) ":" wide(d) "00,00"
  }'
}
sequences() { od -An -tx4 -j4 -N8 "$1" | awk '{ print ($1 == $2) ? "clean" : "dirty" }'; }

element() { # name -> its type, by bcdedit's reference
  case "$1" in
    device) echo 11000001 ;; osdevice) echo 21000001 ;; path) echo 12000002 ;; recoveryenabled) echo 16000009 ;; ems) echo 260000b0 ;;
    displaybootmenu) echo 26000020 ;; bootstatuspolicy) echo 250000e0 ;; timeout) echo 25000004 ;; safeboot) echo 25000080 ;;
    default) echo 23000003 ;; emsport) echo 15000022 ;; emsbaudrate) echo 15000023 ;; *) return 1 ;;
  esac
}
little() { printf '%016x' "$1" | sed 's/../& /g' | awk '{ for (i = NF; i > 0; i--) printf "%s", $i }'; }
guid() { # text -> its bytes
  printf '%s' "$1" | tr -d '{}' | awk -F- '{ for (i = 1; i <= 3; i++) for (k = length($i) - 1; k > 0; k -= 2) printf "%s", substr($i, k, 2); printf "%s%s", $4, $5 }'
}
set_element() { # store object name value
  object="\\Objects\\$2\\Elements"
  type=$(element "$3") && exists "$1" "$object" || return 1
  kind=REG_BINARY
  case "$3 $4" in
    path\ * | default\ *) kind=REG_SZ; data=$4 ;;
    *device\ partition=*) # a line of $BM/partitions: <drive> <GUID of the partition> <GUID of the disk>
      set -- "$1" "$2" "$3" $(awk -v d="${4#partition=}" '$1 == d { print $2, $3 }' "$BM/partitions")
      [ $# = 5 ] || return 1
      data="$(little 0)$(little 0)$(little 6)$(little 72)$(guid "$4")$(little 0)$(guid "$5")$(little 0)$(little 0)" ;;
    *' No' | *' Off') data=00 ;;
    *' Yes' | *' On') data=01 ;;
    'bootstatuspolicy IgnoreAllFailures') data=$(little 1) ;;
    *) data=$(little "$4") || return 1 ;;
  esac
  make_key "$1" "$object\\$type" && set_value "$1" "$object\\$type" Element "$(taken "$kind" "$data")"
}

new_store() { # windows store manager <drive of Windows> <drive of the boot partition>: as bcdboot makes them of the template of that Windows
  mkdir -p "${2%/*}" && cp "$1/System32/config/BCD-Template" "$2" || return 1
  manager='{9dea862c-5cdd-4e70-acc1-f32b344d4795}' loader='{11111111-2222-4333-8444-555555555555}'
  make_key "$2" "\\Objects\\$manager\\Elements" && make_key "$2" "\\Objects\\$loader\\Elements" || return 1
  set_element "$2" "$manager" device "partition=$5" && set_element "$2" "$manager" default "$loader" || return 1
  for name in device osdevice; do set_element "$2" "$loader" "$name" "partition=$4" || return 1; done
  set_element "$2" "$loader" path '\Windows\system32\winload.efi' && cp "$1/System32/winload.efi" "$3"
}

case "$tool $1" in
  bcdboot\ *)
    [ "$2 $4 $5" = '/s /f UEFI' ] || exit 87
    to=$(host "$3\\")EFI/Microsoft/Boot
    new_store "$(host "$1")" "$to/BCD" "$to/bootmgfw.efi" "${1%%\\*}" "$3" || exit 1 ;;
  'reg load')
    file=$(host "$3")
    hivexsh "$file" </dev/null >/dev/null 2>&1 || exit 1
    if [ "$(sequences "$file")" = dirty ]; then
      [ -s "$file.LOG1" ] || [ -s "$file.LOG2" ] || [ -s "$file.LOG" ] || exit 1
      echo commit | write_hive "$file" || exit 1
    fi
    echo "${2#*\\} $file" >> "$BM/loaded" ;;
  'reg unload')
    grep -q "^${2#*\\} " "$BM/loaded" || exit 1
    grep -v "^${2#*\\} " "$BM/loaded" > "$BM/loaded.new"
    mv "$BM/loaded.new" "$BM/loaded" ;;
  'reg query') shift; if [ "$2" = /s ]; then reg_search "$@"; else reg_query "$@"; fi ;;
  'reg add') hive_of "$2" && make_key "$HIVE" "$KEY" && set_value "$HIVE" "$KEY" "$4" "$(taken "$6" "$8")" ;;
  'reg delete') hive_of "$2" && set_value "$HIVE" "$KEY" "$4" '' ;;
  'bcdedit /store')
    store=$(host "$2")
    case "$3" in
      /ems) set_element "$store" "$4" ems On ;;
      /emssettings)
        settings='{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}'
        set_element "$store" "$settings" emsport "${4#*:}" && set_element "$store" "$settings" emsbaudrate "${5#*:}" ;;
      /default) set_element "$store" '{9dea862c-5cdd-4e70-acc1-f32b344d4795}' default "$4" ;;
      /set) set_element "$store" "$4" "$5" "$6" ;;
      /deletevalue) printf 'cd \\Objects\\%s\\Elements\\%s \ndel\ncommit\n' "$4" "$(element "$5")" | write_hive "$store" ;;
      *) exit 87 ;;
    esac || exit 1
    echo 'De bewerking is voltooid.' ;;
  *) exit 87 ;;
esac
