#!/bin/sh
# Stand-ins for Windows' tools, one file under many names (reg.exe, bcdedit.exe, ...). $BM is the case's folder:
#   mounts     "F <folder>" per drive letter        volumes   "<volume path> <folder>" per volume
#   loaded     "<key> <file>" per loaded hive       calls     one line per call
#   faults     "<first words of a call>=<exit code|lie|hang|once>": the call fails, says it worked and does nothing, never comes to its end, or fails once;
#              "#7=…": only what stands in the 7th line of `calls`
# A hive is a text file: first line regf and two sequence numbers (11111111 clean, 11112222 dirty), then path|name|type|data
# (name empty = the key itself).
PATH=/usr/bin:/bin
tool=${0##*/}
tool=${tool%.exe}
printf '%s\n' "$tool $*" >> "$BM/calls"
if [ -f "$BM/faults" ]; then
  nth="#$(wc -l < "$BM/calls")"
  while IFS='=' read -r words code; do
    case "$tool $*$nth" in
      "$words"* | *"$words")
        [ "$code" = lie ] && exit 0
        # Where a script that hangs here would be ended: the disks as they are then.
        [ "$code" = hang ] && { [ -d "$BM/hung" ] || cp -a --sparse=always "$BM/volumes" "$BM/hung"; exit 1; }
        if [ "$code" = once ]; then
          [ -f "$BM/failed-once" ] && break
          : > "$BM/failed-once"
          exit 1
        fi
        exit "$code" ;;
    esac
  done < "$BM/faults"
fi

host() { # F:\Windows\x -> the case's file
  p=$(printf '%s' "$1" | tr '\\' '/')
  case "$p" in
    [A-Za-z]:*)
      rest=${p#?:}
      while [ "$rest" != "${rest%/}" ]; do rest=${rest%/}; done
      printf '%s%s' "$(awk -v l="${p%%:*}" '$1 == l { print $2 }' "$BM/mounts")" "$rest" ;;
    *) printf '%s' "$p" ;;
  esac
}

# reads a hive as: name, type and data of one value / names of subkeys
hive_of() { # HKLM\X\a\b -> sets HIVE (file) and KEY (a\b)
  KEY=${1#*\\}
  name=${KEY%%\\*}
  HIVE=$(awk -v k="$name" '$1 == k { print $2 }' "$BM/loaded")
  case "$KEY" in *\\*) KEY=${KEY#*\\} ;; *) KEY= ;; esac
}

reg_query() {
  hive_of "$1"
  [ -n "$HIVE" ] || exit 1
  if [ "$2" = /s ]; then
    K="$KEY" N="$4" FULL="HKEY_LOCAL_MACHINE\\$name" awk -F'|' '
      BEGIN { k = tolower(ENVIRON["K"]) "\\"; n = tolower(ENVIRON["N"]) }
      NR > 1 && index(tolower($1), k) == 1 && tolower($2) == n { print ENVIRON["FULL"] "\\" $1; print "    " $2 "    " $3 "    " $4; print ""; got++ }
      END { print "Zoekopdracht voltooid: " (got + 0) " overeenkomst(en) gevonden."; exit got ? 0 : 1 }' "$HIVE"
    return
  fi
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

set_value() { # file path name type data; the keys on the way are made, and the lines stay in order: the same hive is the same text
  P="$2" N="$3" T="$4" D="$5" awk -F'|' -v OFS='|' '
    NR == 1 { next }
    tolower($1) == tolower(ENVIRON["P"]) && tolower($2) == tolower(ENVIRON["N"]) { next }
    { print; keys[tolower($1)] = 1; if ($1 == "Objects") store = 1 }
    END {
      print ENVIRON["P"], ENVIRON["N"], ENVIRON["T"], ENVIRON["D"]
      n = store ? 0 : split(ENVIRON["P"], names, "\\")
      for (i = 1; i <= n; i++) { at = (i == 1) ? names[1] : at "\\" names[i]; if (!(tolower(at) in keys)) print at, "", "", "" }
    }' "$1" | in_order "$1"
}
in_order() { # lines -> a hive of them
  LC_ALL=C sort -u > "$1.new" && { echo regf11111111; cat "$1.new"; } > "$1" && rm "$1.new"
}

swap() { # 0a0b0c0d -> 0d0c0b0a
  printf '%s' "$1" | sed 's/../&\n/g' | tac | tr -d '\n'
}
bcd_element() { # name value -> sets TYPE, KIND and DATA
  KIND=REG_BINARY; DATA=
  case "$1" in
    device) TYPE=11000001 ;; osdevice) TYPE=21000001 ;; path) TYPE=12000002; KIND=REG_SZ; DATA=$2 ;;
    recoveryenabled) TYPE=16000009 ;; displaybootmenu) TYPE=26000020 ;; bootstatuspolicy) TYPE=250000e0 ;;
    timeout) TYPE=25000004; DATA=$(printf '%02X00000000000000' "$2") ;; safeboot) TYPE=25000080 ;; *) return 1 ;;
  esac
  case "$1 $2" in
    *device\ partition=*)
      set -- "$(host "${2#partition=}")"
      part=$(awk -v f="$1" '$1 == f { print $2 }' "$BM/parts")
      [ -n "$part" ] || return 1
      id=$(cat "$BM/disks/$(awk -v f="$1" '$1 == f { print $3 }' "$BM/parts")/id")
      if [ ${#id} -gt 8 ]; then
        plain=$(printf '%s' "$id" | tr -d '-')
        hex="$(swap "$(printf '%s' "$plain" | cut -c1-8)")$(swap "$(printf '%s' "$plain" | cut -c9-12)")$(swap "$(printf '%s' "$plain" | cut -c13-16)")$(printf '%s' "$plain" | cut -c17-32)"
        DATA="0000000000000000000000000000000006000000000000004800000000000000${part}0000000000000000${hex}00000000000000000000000000000000"
      else
        DATA="0000000000000000000000000000000006000000000000004800000000000000${part}0000000001000000$(swap "$id")00000000000000000000000000000000000000000000000000000000"
      fi
      DATA=$(printf '%s' "$DATA" | tr a-f A-F) ;;
    'bootstatuspolicy IgnoreAllFailures') DATA=0100000000000000 ;;
    *\ No | *\ Off) DATA=00 ;;
    *\ Yes | *\ On) DATA=01 ;;
  esac
  [ -n "$DATA" ] || [ "$2" = 0 ]
}

case "$tool" in
  reg)
    verb=$1; shift
    case "$verb" in
      load)
        file=$(host "$2")
        case "$(head -n 1 "$file" 2>/dev/null)" in regf11111111) ;; regf11112222) sed -i 1s/.*/regf11111111/ "$file" ;; *) exit 1 ;; esac
        echo "$(printf '%s' "$1" | cut -d'\' -f2) $file" >> "$BM/loaded" ;;
      unload)
        key=$(printf '%s' "$1" | cut -d'\' -f2)
        grep -q "^$key " "$BM/loaded" || exit 1
        grep -v "^$key " "$BM/loaded" > "$BM/loaded.new"; mv "$BM/loaded.new" "$BM/loaded" ;;
      query) reg_query "$@" ;;
      add)
        hive_of "$1"
        [ -n "$HIVE" ] || exit 1
        data=$7
        [ "$5" = REG_DWORD ] && data=$(printf '0x%x' "$7")
        set_value "$HIVE" "$KEY" "$3" "$5" "$data" ;;
      delete)
        hive_of "$1"
        [ -n "$HIVE" ] || exit 1
        P="$KEY" N="$3" awk -F'|' 'tolower($1) == tolower(ENVIRON["P"]) && tolower($2) == tolower(ENVIRON["N"]) { got = 1; next } { print } END { exit got ? 0 : 1 }' "$HIVE" > "$HIVE.new"
        done=$?
        [ $done = 0 ] && cat "$HIVE.new" > "$HIVE"
        rm "$HIVE.new"; [ $done = 0 ] || exit 1 ;;
    esac ;;
  bcdedit)
    [ "$1" = /store ] || exit 1
    store=$(host "$2")
    [ "$(head -n 1 "$store" 2>/dev/null)" = regf11111111 ] || exit 1
    case "$3" in
      /ems) set_value "$store" "Objects\\$4\\Elements\\260000b0" Element REG_BINARY 01 ;;
      /emssettings)
        set_value "$store" 'Objects\{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}\Elements\15000022' Element REG_BINARY 0100000000000000
        set_value "$store" 'Objects\{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}\Elements\15000023' Element REG_BINARY 00C2010000000000 ;;
      /default) set_value "$store" 'Objects\{9dea862c-5cdd-4e70-acc1-f32b344d4795}\Elements\23000003' Element REG_SZ "$4" ;;
      /set) bcd_element "$5" "$6" && set_value "$store" "Objects\\$4\\Elements\\$TYPE" Element "$KIND" "$DATA" || exit 87 ;;
      /deletevalue)
        bcd_element "$5" 0
        P="Objects\\$4\\Elements\\$TYPE|" awk 'index($0, ENVIRON["P"]) == 1 { got = 1; next } { print } END { exit got ? 0 : 1 }' "$store" > "$store.new"
        done=$?
        [ $done = 0 ] && cat "$store.new" > "$store"
        rm "$store.new"; [ $done = 0 ] || exit 1 ;;
      *) exit 87 ;;
    esac
    echo 'De bewerking is voltooid.' ;;
  bcdboot)
    windows=$(host "$1"); to=$(host "$3")
    [ "$2" = /s ] && [ "$4" = /f ] || exit 87
    store="$to/Boot/BCD"; manager="$to/bootmgr"; file=winload.exe
    [ "$5" = UEFI ] && store="$to/EFI/Microsoft/Boot/BCD" && manager="$to/EFI/Microsoft/Boot/bootmgfw.efi" && file=winload.efi
    [ -f "$windows/System32/$file" ] || exit 193
    new=$(cat "$BM/bcdboot-loader")
    loader="Objects\\$new\\Elements"; managers='Objects\{9dea862c-5cdd-4e70-acc1-f32b344d4795}\Elements'
    mkdir -p "$(dirname "$store")"
    {
      printf '%s|||\n' Objects "$managers" "$loader"
      bcd_element device "partition=$3"; printf '%s\n' "$managers\\11000001|Element|REG_BINARY|$DATA"
      printf '%s\n' "$managers\\12000004|Element|REG_SZ|Windows Boot Manager" "$managers\\12000005|Element|REG_SZ|en-US" \
        "$managers\\23000003|Element|REG_SZ|$new" "$managers\\24000001|Element|REG_MULTI_SZ|$new" "$managers\\25000004|Element|REG_BINARY|1E00000000000000"
      bcd_element device "partition=$(printf '%s' "$1" | cut -c1-2)"
      printf '%s\n' "$loader\\11000001|Element|REG_BINARY|$DATA" "$loader\\21000001|Element|REG_BINARY|$DATA" "$loader\\12000002|Element|REG_SZ|\\Windows\\system32\\$file" \
        "$loader\\12000004|Element|REG_SZ|Windows Server" "$loader\\12000005|Element|REG_SZ|en-US" "$loader\\22000002|Element|REG_SZ|\\Windows" "$loader\\16000009|Element|REG_BINARY|01"
      echo 'Objects\{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}\Elements|||'
    } | in_order "$store"
    # The manager is of the loader's version, and as long as a manager is.
    sed 's/"bytes":[0-9]*/"bytes":1500000/; s/"whole":false/"whole":true/' "$windows/System32/$file" > "$manager" ;;
  chkdsk) # its state: chkdsk/<volume>: none, repairable, unrepairable
    index=$(basename "$(host "$1")")
    errors=$(cat "$BM/chkdsk/$index" 2>/dev/null || echo none)
    printf 'Het type bestandssysteem is NTFS.\r\n'
    case "$errors $2" in
      'none /f') echo 0 > "$BM/volumes-dirty/$index"; exit 0 ;;
      'repairable /f') echo none > "$BM/chkdsk/$index"; echo 0 > "$BM/volumes-dirty/$index"; exit 1 ;;
      'none ') exit 0 ;;
      *) exit 3 ;;
    esac ;;
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
    cp --sparse=always --preserve=timestamps "$from/$3" "$to/$3" || exit 16
    exit 1 ;;
  icacls) ;;
  diskpart)
    number=$(sed -n 's/^select disk //p' "$2" | tr -d '\r'); id=$(sed -n 's/^uniqueid disk id=//p' "$2" | tr -d '\r')
    printf '%s' "$id" > "$BM/disks/$number/id" ;;
  dism) # it only queues the revert: a mark in the hive of the component store
    echo 'Deployment Image Servicing and Management tool'
    for argument in "$@"; do case "$argument" in /Image:*) windows=$(host "${argument#*:}")/Windows ;; esac; done
    [ -f "$windows/System32/config/SOFTWARE" ] || exit 2
    grep -q '^regf' "$windows/System32/config/COMPONENTS" 2>/dev/null || exit 18
    set_value "$windows/System32/config/COMPONENTS" '' RevertPendingActions REG_DWORD 0x1 ;;
  sfc)
    for argument in "$@"; do case "$argument" in /offwindir=*) windows=$(host "${argument#*=}") ;; /offlogfile=*) log=${argument#*=} ;; /offbootdir=*) boot=$(host "${argument#*=}") ;; esac; done
    printf 'Windows-bronbeveiliging heeft beschadigde bestanden gevonden.\r\n' | iconv -t UTF-16LE
    [ -d "$boot" ] || exit 1
    [ -f "$windows/WinSxS/pending.xml" ] && exit 1
    store="$BM/store-$(basename "$(dirname "$windows")")"
    [ -d "$store" ] || store="$BM/store"
    (cd "$store" && find . -type f | sort) | while read -r each; do
      file="$windows/${each#./}"
      cmp -s "$store/$each" "$file" && continue
      [ "$(cat "$store/$each")" = "UNREPAIRABLE $(cat "$file" 2>/dev/null)" ] && continue
      folder=$(dirname "${each#./}" | tr '/' '\\')
      # $BM/sfc-names: a pass that only looks names no folder. $BM/sfc-late: it does not see that file at all.
      [ "$1" = /verifyonly ] && grep -qx "$(basename "$each")" "$BM/sfc-late" 2>/dev/null && continue
      if grep -q "^UNREPAIRABLE" "$store/$each" || { [ "$1" = /verifyonly ] && [ -f "$BM/sfc-names" ]; }; then
        echo "2024-01-01 10:00:00, Info                  CSI    0000000a [SR] Cannot repair member file [l:12]'$(basename "$each")' of Microsoft-Windows-Thing, version 10.0.17763.1, arch amd64 in the store, hash mismatch"
        continue
      fi
      printf '%s\n' "2024-01-01 10:00:00, Info                  CSI    0000000b [SR] Repairing corrupted file [l:34 ml:48]\"\\??\\F:\\Windows\\$folder\"\\[l:12]\"$(basename "$each")\" from store"
      [ "$1" = /scannow ] && cat "$store/$each" > "$file"
    done > "$log"
    echo '2024-01-01 10:00:01, Info                  CSI    0000000c [SR] Verify complete' >> "$log" ;;
  *) exit 9 ;;
esac
