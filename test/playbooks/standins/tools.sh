#!/bin/sh
# Stand-ins for Windows' tools, one file under many names (reg.exe, bcdedit.exe, ...). $BM is the case's folder:
#   mounts     "F <folder>" per drive letter        volumes   "<volume path> <folder>" per volume
#   loaded     "<key> <file>" per loaded hive       calls     one line per call
#   faults     "<first words of a call> <exit code|lie>": the call fails, or says it worked and does nothing
# A hive is a text file: first line HIVE, then path|name|type|data (name empty = the key itself).
tool=$(basename "$0" .exe)
echo "$tool $*" >> "$BM/calls"
if [ -f "$BM/faults" ]; then
  while IFS='=' read -r words code; do
    case "$tool $*" in
      "$words"*) [ "$code" = lie ] && exit 0; exit "$code" ;;
    esac
  done < "$BM/faults"
fi

host() { # F:\Windows\x -> the case's file
  p=$(printf '%s' "$1" | tr '\\' '/')
  case "$p" in
    [A-Za-z]:*)
      letter=$(printf '%s' "$p" | cut -c1)
      root=$(awk -v l="$letter" '$1 == l { print $2 }' "$BM/mounts")
      printf '%s%s' "$root" "$(printf '%s' "$p" | cut -c3- | sed 's,/*$,,')" ;;
    *) printf '%s' "$p" ;;
  esac
}

# reads a hive as: name, type and data of one value / names of subkeys
hive_of() { # HKLM\X\a\b -> sets HIVE (file) and KEY (a\b)
  name=$(printf '%s' "$1" | cut -d'\' -f2)
  HIVE=$(awk -v k="$name" '$1 == k { print $2 }' "$BM/loaded")
  KEY=$(printf '%s' "$1" | cut -d'\' -f3-)
}

reg_query() {
  hive_of "$1"
  [ -n "$HIVE" ] || exit 1
  K="$KEY" N="$3" FULL="HKEY_LOCAL_MACHINE\\$name" WANT="$2" awk -F'|' '
    BEGIN { k = tolower(ENVIRON["K"]); n = tolower(ENVIRON["N"]); full = ENVIRON["FULL"]; found = (k == "") }
    NR == 1 { next }
    {
      path = tolower($1)
      if (k == "" || path == k || index(path, k "\\") == 1) {
        found = 1
        if (path == k && $2 != "") {
          if (ENVIRON["WANT"] == "") print "    " $2 "    " $3 "    " $4
          else if (tolower($2) == n) { print full "\\" $1; print "    " $2 "    " $3 "    " $4; got = 1 }
        } else if (path != k && ENVIRON["WANT"] == "") {
          rest = (k == "") ? $1 : substr($1, length(k) + 2)
          split(rest, parts, "\\")
          sub_ = (k == "") ? parts[1] : substr($1, 1, length(k)) "\\" parts[1]
          if (!(tolower(sub_) in seen)) { seen[tolower(sub_)] = 1; print full "\\" sub_ }
        }
      }
    }
    END { exit (found && (ENVIRON["WANT"] == "" || got)) ? 0 : 1 }' "$HIVE"
}

set_value() { # file path name type data
  P="$2" N="$3" T="$4" D="$5" awk -F'|' -v OFS='|' '
    tolower($1) == tolower(ENVIRON["P"]) && tolower($2) == tolower(ENVIRON["N"]) { next } { print }
    END { print ENVIRON["P"], ENVIRON["N"], ENVIRON["T"], ENVIRON["D"] }' "$1" > "$1.new" && cat "$1.new" > "$1" && rm "$1.new"
}

case "$tool" in
  reg)
    verb=$1; shift
    case "$verb" in
      load)
        file=$(host "$2")
        [ "$(head -n 1 "$file" 2>/dev/null)" = HIVE ] || exit 1
        echo "$(printf '%s' "$1" | cut -d'\' -f2) $file" >> "$BM/loaded" ;;
      unload)
        key=$(printf '%s' "$1" | cut -d'\' -f2)
        grep -q "^$key " "$BM/loaded" || exit 1
        grep -v "^$key " "$BM/loaded" > "$BM/loaded.new"; mv "$BM/loaded.new" "$BM/loaded" ;;
      query) reg_query "$@" ;;
      add)
        hive_of "$1"
        data=$7
        [ "$5" = REG_DWORD ] && data=$(printf '0x%x' "$7")
        set_value "$HIVE" "$KEY" "$3" "$5" "$data" ;;
    esac ;;
  bcdedit)
    store=$(host "$2")
    if [ "$3" = /ems ]; then set_value "$store" "Objects\\$4\\Elements\\260000b0" Element REG_BINARY 01
    else
      set_value "$store" 'Objects\{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}\Elements\15000022' Element REG_BINARY 0100000000000000
      set_value "$store" 'Objects\{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}\Elements\15000023' Element REG_BINARY 00C2010000000000
    fi
    echo 'De bewerking is voltooid.' ;;
  mountvol)
    letter=$(printf '%s' "$1" | cut -c1)
    if [ "$2" = /D ]; then grep -v "^$letter " "$BM/mounts" > "$BM/mounts.new"; mv "$BM/mounts.new" "$BM/mounts"
    else
      folder=$(V="$2" awk '$1 == ENVIRON["V"] { print $2 }' "$BM/volumes-by-name")
      [ -n "$folder" ] || exit 1
      echo "$letter $folder" >> "$BM/mounts"
    fi ;;
  robocopy)
    from=$(host "$1"); to=$(host "$2")
    mkdir -p "$to"
    [ -f "$from/$3" ] || exit 16
    cat "$from/$3" > "$to/$3"
    exit 1 ;;
  icacls) ;;
  diskpart)
    number=$(sed -n 's/^select disk //p' "$2" | tr -d '\r'); id=$(sed -n 's/^uniqueid disk id=//p' "$2" | tr -d '\r')
    printf '%s' "$id" > "$BM/disks/$number/id" ;;
  dism)
    echo 'Deployment Image Servicing and Management tool' ;;
  sfc)
    for argument in "$@"; do case "$argument" in /offwindir=*) windows=$(host "${argument#*=}") ;; /offlogfile=*) log=${argument#*=} ;; /offbootdir=*) boot=$(host "${argument#*=}") ;; esac; done
    printf 'Windows-bronbeveiliging heeft beschadigde bestanden gevonden.\r\n' | iconv -t UTF-16LE
    [ -d "$boot" ] || exit 1
    [ -f "$windows/WinSxS/pending.xml" ] && exit 1
    (cd "$BM/store" && find . -type f | sort) | while read -r each; do
      file="$windows/${each#./}"
      cmp -s "$BM/store/$each" "$file" && continue
      folder=$(dirname "${each#./}" | tr '/' '\\')
      if grep -q "^UNREPAIRABLE" "$BM/store/$each"; then
        echo "2024-01-01 10:00:00, Info                  CSI    0000000a [SR] Cannot repair member file [l:12]'$(basename "$each")' of Microsoft-Windows-Thing, version 10.0.17763.1, arch amd64 in the store, hash mismatch"
        continue
      fi
      printf '%s\n' "2024-01-01 10:00:00, Info                  CSI    0000000b [SR] Repairing corrupted file [l:34 ml:48]\"\\??\\F:\\Windows\\$folder\"\\[l:12]\"$(basename "$each")\" from store"
      [ "$1" = /scannow ] && cat "$BM/store/$each" > "$file"
    done > "$log"
    echo '2024-01-01 10:00:01, Info                  CSI    0000000c [SR] Verify complete' >> "$log" ;;
  *) exit 9 ;;
esac
