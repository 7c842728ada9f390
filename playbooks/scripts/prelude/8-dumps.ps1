# ---------------------------------------------------------------------------------------------------------------------
# Memory dumps: where they may lie, in the order in which they are looked for, and what their header says.
# The crash writes into the dedicated dump file or the boot volume's pagefile; MEMORY.DMP is made of it by the next boot that gets far
# enough. So a VM that never boots has its dump there, and not in MEMORY.DMP.
# ---------------------------------------------------------------------------------------------------------------------

function Get-DumpSetting {
    # { Dedicated, Dump }: the two configured paths below the system drive, '\...'; '' = none.
    param([string] $Key)
    [pscustomobject]@{
        Dedicated = (ConvertTo-VolumePath -Path (Get-RegistryValue -Key $Key -Name 'DedicatedDumpFile'))
        Dump = (ConvertTo-VolumePath -Path (Get-RegistryValue -Key $Key -Name 'DumpFile'))
    }
}

function ConvertTo-VolumePath {
    # A configured path below the system drive, '\...'; '' = on another drive or none.
    param([string] $Path)
    $Path = $Path -replace '(?i)^%SystemRoot%', '\Windows' -replace '(?i)^%SystemDrive%', '' -replace '^\\\?\?\\', '' -replace '^[A-Za-z]:', ''
    if ($Path -match '^\\[^\\]') { return $Path }
    ''
}

function Get-MemoryDump {
    # { Path, GuestPath, Length (bytes of the dump), FileLength, Time (UTC, $null = unknown), Header (text) } of every file with a dump's header, in order.
    param([hashtable] $Disk, $Setting)
    $root = $Disk.WindowsRoot.TrimEnd('\')
    $paths = @()
    if ($Setting.Dedicated) { $paths += $Setting.Dedicated }
    if ($Setting.Dump) { $paths += $Setting.Dump }
    $paths += '\Windows\MEMORY.DMP', '\pagefile.sys'
    foreach ($place in @(@('\', 'DUMP*.tmp'), @('\Windows', 'DUMP*.tmp'), @('\Windows\Minidump', '*.dmp'))) {
        $paths += @(Get-ChildItem -LiteralPath "$root$($place[0])" -Filter $place[1] -File -Force -ErrorAction SilentlyContinue |
                Sort-Object -Property LastWriteTimeUtc -Descending |
                ForEach-Object { $place[0].TrimEnd('\') + '\' + $_.Name })
    }
    $seen = @{}
    foreach ($path in $paths) {
        if ($seen.ContainsKey($path.ToLowerInvariant())) { continue }
        $seen[$path.ToLowerInvariant()] = $true
        if (-not (Test-Path -LiteralPath "$root$path" -PathType Leaf)) { continue }
        Assert-NoLink -Path "$root$path"
        Read-DumpHeader -Path "$root$path" -GuestPath $path
    }
}

function Read-DumpHeader {
    # Nothing when the file does not begin like a dump. 64-bit offsets: RequiredDumpSpace 0xFA0, SystemTime (FILETIME, UTC) 0xFA8.
    param([string] $Path, [string] $GuestPath)
    $bytes = New-Object -TypeName byte[] -ArgumentList 4096
    $stream = [System.IO.File]::Open((Get-NativePath -Path $Path), 'Open', 'Read', 'ReadWrite')
    try {
        $fileLength = $stream.Length
        $read = 0
        while ($read -lt $bytes.Length) {
            $count = $stream.Read($bytes, $read, $bytes.Length - $read)
            if ($count -eq 0) { break }
            $read += $count
        }
    }
    finally {
        $stream.Dispose()
    }
    $signature = [System.Text.Encoding]::ASCII.GetString($bytes, 0, 8)
    if ($read -lt $bytes.Length -or ($signature -ne 'PAGEDU64' -and $signature -ne 'PAGEDUMP')) { return }
    $length = $fileLength
    $time = $null
    # A pagefile or dedicated file is longer than the dump in it, and holds other memory behind it. Unset fields read 'PAGE'.
    $required = [BitConverter]::ToInt64($bytes, 0xFA0)
    if ($required -gt 8192 -and $required -lt $fileLength) { $length = $required }
    if ($signature -eq 'PAGEDU64') {
        try { $time = [DateTime]::FromFileTimeUtc([BitConverter]::ToInt64($bytes, 0xFA8)) } catch { $time = $null }
        if ($time -and $time.Year -lt 2009) { $time = $null }
    }
    $header = [Convert]::ToBase64String($bytes, 0, 0x60) + ':' + [Convert]::ToBase64String($bytes, 0xF80, 0x40)
    [pscustomobject]@{ Path = $Path; GuestPath = $GuestPath; Length = $length; FileLength = $fileLength; Time = $time; Header = $header }
}
