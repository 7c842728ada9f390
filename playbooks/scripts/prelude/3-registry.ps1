# ---------------------------------------------------------------------------------------------------------------------
# Registry hives of the repair disk, by reg.exe: what the article uses, and no handle of this process can keep a hive loaded.
# reg.exe's type names and layout are the same in every language.
# ---------------------------------------------------------------------------------------------------------------------

function Copy-Hive {
    # A hive with its transaction logs, copied to the repair VM's own disk. Loading a hive replays its logs into the file,
    # so what is only read is read from a copy.
    param([string] $Path, [string] $Folder)
    foreach ($suffix in '', '.LOG', '.LOG1', '.LOG2') {
        if (Test-Path -LiteralPath "$Path$suffix" -PathType Leaf) {
            Copy-Item -LiteralPath "$Path$suffix" -Destination $Folder -Force
        }
    }
    Join-Path -Path $Folder -ChildPath (Split-Path -Path $Path -Leaf)
}

function Invoke-WithHive {
    # Loads a hive and calls the body with its key. Without -Write the body gets a copy.
    param([string] $Path, [scriptblock] $Body, [switch] $Write)
    if (-not (Test-Path -LiteralPath $Path -PathType Leaf)) {
        Stop-Script -Code 'hive-damaged' -Message "there is no hive $Path"
    }
    Assert-NoLink -Path $Path
    $folder = New-TemporaryFolder
    $key = 'HKLM\BOOTMEDIC_' + [guid]::NewGuid().ToString('N')
    try {
        $file = $Path
        if (-not $Write) { $file = Copy-Hive -Path $Path -Folder $folder }
        # Tried again: who looks into a disk that has just come online (a virus scanner, an indexer) may hold the file for a moment.
        for ($try = 1; $try -le 3; $try++) {
            if ($try -gt 1) { Start-Sleep -Seconds $try }
            $load = Invoke-Native -Tool 'reg' -Arguments @('load', $key, $file)
            if ($load.ExitCode -eq 0) { break }
        }
        if ($load.ExitCode -ne 0) {
            Stop-Script -Code 'hive-damaged' -Message "the hive $Path does not load (reg exit code $($load.ExitCode))"
        }
        try {
            & $Body $key
        }
        finally {
            Close-Hive -Key $key
        }
    }
    finally {
        Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction SilentlyContinue
    }
}

function Close-Hive {
    # A hive left loaded blocks the detach, and its file is not whole: unloading is tried for a minute, then it is a failure.
    param([string] $Key)
    for ($try = 1; $try -le 12; $try++) {
        [GC]::Collect()
        [GC]::WaitForPendingFinalizers()
        $unload = Invoke-Native -Tool 'reg' -Arguments @('unload', $Key)
        if ($unload.ExitCode -eq 0) { return }
        Start-Sleep -Seconds ([Math]::Min($try, 5))
    }
    Stop-Script -Code 'hive-in-use' -Message "the hive $Key does not unload"
}

function Get-RegistrySubkey {
    # Names of the keys directly below; nothing where there is no such key.
    param([string] $Key)
    $full = $Key -replace '^HKLM\\', 'HKEY_LOCAL_MACHINE\'
    $query = Invoke-Native -Quiet -Tool 'reg' -Arguments @('query', $Key)
    if ($query.ExitCode -ne 0) { return }
    foreach ($line in $query.Lines) {
        if ($line.StartsWith("$full\", [StringComparison]::OrdinalIgnoreCase)) { $line.Substring($full.Length + 1) }
    }
}

function Get-RegistryKey {
    # The values of a key, name -> data as reg.exe prints it (a REG_DWORD as decimal text); $null = no such key.
    param([string] $Key)
    $query = Invoke-Native -Quiet -Tool 'reg' -Arguments @('query', $Key)
    if ($query.ExitCode -ne 0) { return $null }
    $values = @{}
    foreach ($line in $query.Lines) {
        if ($line -notmatch '^ {4}(.+?) {4}(REG_[A-Z_]+)(?: {4}(.*))?$') { continue }
        $data = ''
        if ($Matches.ContainsKey(3)) { $data = $Matches[3] }
        if ($Matches[2] -eq 'REG_DWORD') { $data = [Convert]::ToUInt32($data, 16).ToString() }
        $values[$Matches[1]] = $data
    }
    $values
}

function Get-RegistryValue {
    # $null = no such value.
    param([string] $Key, [string] $Name)
    $values = Get-RegistryKey -Key $Key
    if ($null -eq $values) { return $null }
    $values[$Name]
}

function Set-RegistryValue {
    # Written and read back; %...% reaches the registry as it is, because no command shell stands between.
    param([string] $Key, [string] $Name, [string] $Type, [string] $Data)
    $add = Invoke-Native -Tool 'reg' -Arguments @('add', $Key, '/v', $Name, '/t', $Type, '/d', $Data, '/f')
    if ($add.ExitCode -ne 0 -or (Get-RegistryValue -Key $Key -Name $Name) -ne $Data) {
        Stop-Script -Code 'registry-not-changed' -Message "$Name could not be set to $Data"
    }
}

function Remove-RegistryValue {
    # Removed, and looked at again.
    param([string] $Key, [string] $Name)
    $delete = Invoke-Native -Tool 'reg' -Arguments @('delete', $Key, '/v', $Name, '/f')
    if ($delete.ExitCode -ne 0 -or $null -ne (Get-RegistryValue -Key $Key -Name $Name)) {
        Stop-Script -Code 'registry-not-changed' -Message "$Name could not be removed"
    }
}

function Get-ControlSet {
    # Names of all control sets that exist, and the one the next boot uses.
    param([string] $Key)
    $sets = @(Get-RegistrySubkey -Key $Key | Where-Object { $_ -match '^ControlSet\d{3}$' })
    $default = Get-RegistryValue -Key "$Key\Select" -Name 'Default'
    $name = ''
    if ($default) { $name = 'ControlSet{0:d3}' -f [int] $default }
    if ($sets -notcontains $name) {
        Stop-Script -Code 'hive-damaged' -Message "Select\Default names $name, which is not in the SYSTEM hive"
    }
    [pscustomobject]@{ All = $sets; Default = $name }
}

function Test-Hive {
    # Does a copy of it load, and has it a root key?
    param([string] $Path)
    try {
        Invoke-WithHive -Path $Path -Body {
            param($Key)
            $null -ne (Get-RegistryKey -Key $Key)
        }
    }
    catch {
        if ($_.Exception.Data['bootmedic'] -ne 'hive-damaged') { throw }
        $false
    }
}
