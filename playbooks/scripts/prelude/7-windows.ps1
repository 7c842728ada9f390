# ---------------------------------------------------------------------------------------------------------------------
# Facts of the offline Windows, read from copies of its hives and its boot store.
# ---------------------------------------------------------------------------------------------------------------------

$script:BootManager = '{9dea862c-5cdd-4e70-acc1-f32b344d4795}'

function Get-HivePath {
    # Of a hive of the offline Windows.
    param([hashtable] $Disk, [string] $Name)
    "$($Disk.WindowsRoot)Windows\System32\config\$Name"
}

function Get-Windows {
    # { Build, Drive (the letter it gives itself when it runs), Pending (texts: what makes a servicing operation pending) }
    param([hashtable] $Disk)
    Invoke-WithHive -Path (Get-HivePath -Disk $Disk -Name 'SOFTWARE') -Body {
        param($Key)
        $version = "$Key\Microsoft\Windows NT\CurrentVersion"
        $servicing = "$Key\Microsoft\Windows\CurrentVersion\Component Based Servicing"
        $values = Get-RegistryKey -Key $version
        if ($null -eq $values -or -not $values['CurrentBuild']) {
            Stop-Script -Code 'hive-damaged' -Message 'the SOFTWARE hive does not say which Windows it is of'
        }
        $drive = 'C'
        if ("$($values['SystemRoot'])" -match '^([A-Za-z]):\\') { $drive = $Matches[1].ToUpperInvariant() }
        $pending = @()
        if (Test-Path -LiteralPath "$($Disk.WindowsRoot)Windows\WinSxS\pending.xml" -PathType Leaf) { $pending += 'WinSxS\pending.xml' }
        if (@(Get-RegistrySubkey -Key "$servicing\PackagesPending").Count -gt 0) { $pending += 'packages pending' }
        if ($null -ne (Get-RegistryKey -Key "$servicing\RebootPending")) { $pending += 'reboot pending' }
        [pscustomobject]@{ Build = $values['CurrentBuild']; Drive = $drive; Pending = $pending }
    }
}

function Get-BootEntry {
    # The store's default loader, its EMS settings, and the disk id inside its device element. Read from the raw elements of a copy:
    # bcdedit prints "Yes" in the language of the repair VM, and hides the id of a disk it does not know.
    # Element types: 23000003 default, 260000b0 ems, 15000022 emsport, 15000023 emsbaudrate, 11000001 device (bcdedit's reference);
    # a partition device is, after 16 bytes of options: type 6, flags, size, 0, partition (GUID, or byte offset), 0, style (0 GPT, 1 MBR), disk id.
    param([hashtable] $Disk)
    Invoke-WithHive -Path $Disk.Store -Body {
        param($Key)
        $objects = "$Key\Objects"
        $loader = Get-RegistryValue -Key "$objects\$script:BootManager\Elements\23000003" -Name 'Element'
        if ("$loader" -notmatch '^\{[0-9a-fA-F-]{36}\}$') {
            Stop-Script -Code 'boot-entry-not-found' -Message 'the BCD names no default boot loader'
        }
        if ($null -eq (Get-RegistryKey -Key "$objects\$loader")) {
            Stop-Script -Code 'boot-entry-not-found' -Message "the BCD's default boot loader $loader does not exist"
        }
        $settings = "$objects\{0ce4991b-e6b3-4b16-b23c-5e0d9250e5d9}\Elements"
        $ems = Get-RegistryValue -Key "$objects\$loader\Elements\260000b0" -Name 'Element'
        [pscustomobject]@{
            Loader = $loader
            Ems = ($ems -eq '01')
            EmsPort = (ConvertFrom-BcdInteger -Hex (Get-RegistryValue -Key "$settings\15000022" -Name 'Element'))
            EmsBaudRate = (ConvertFrom-BcdInteger -Hex (Get-RegistryValue -Key "$settings\15000023" -Name 'Element'))
            Device = (ConvertFrom-BcdDevice -Hex (Get-RegistryValue -Key "$objects\$loader\Elements\11000001" -Name 'Element'))
        }
    }
}

function ConvertFrom-Hex {
    # As bytes; the comma keeps an array of one byte an array.
    param([string] $Hex)
    $bytes = New-Object -TypeName byte[] -ArgumentList ([int] ($Hex.Length / 2))
    for ($i = 0; $i -lt $bytes.Length; $i++) { $bytes[$i] = [Convert]::ToByte($Hex.Substring(2 * $i, 2), 16) }
    , $bytes
}

function ConvertFrom-BcdInteger {
    # $null where the element is missing.
    param($Hex)
    if ("$Hex".Length -ne 16) { return $null }
    [BitConverter]::ToUInt64((ConvertFrom-Hex -Hex $Hex), 0)
}

function ConvertFrom-BcdDevice {
    # { Identity: 'gpt:<guid>' or 'mbr:<signature>', Partition: GUID, or byte offset } ; $null for devices that name no disk (`boot`, a ramdisk).
    param($Hex)
    if ("$Hex".Length -lt 176) { return $null }
    $bytes = ConvertFrom-Hex -Hex $Hex
    if ([BitConverter]::ToUInt32($bytes, 16) -ne 6) { return $null }
    if ([BitConverter]::ToUInt32($bytes, 52) -eq 1) {
        return [pscustomobject]@{
            Identity = 'mbr:{0:x8}' -f [BitConverter]::ToUInt32($bytes, 56); Partition = [BitConverter]::ToUInt64($bytes, 32).ToString()
        }
    }
    [pscustomobject]@{ Identity = 'gpt:' + (ConvertTo-GuidText -Bytes $bytes -Offset 56); Partition = (ConvertTo-GuidText -Bytes $bytes -Offset 32) }
}

function ConvertTo-GuidText {
    # The GUID at an offset, as text.
    param([byte[]] $Bytes, [int] $Offset)
    $guid = New-Object -TypeName byte[] -ArgumentList 16
    [Array]::Copy($Bytes, $Offset, $guid, 0, 16)
    (New-Object -TypeName guid -ArgumentList (, $guid)).ToString('D')
}

function Test-DiskOfBootEntry {
    # The second half of the id guard. The BCD finds its disk by id: when it names another id, but a partition of this disk, then the disk's
    # id was changed before this script saw it (0xc000000e at the next boot). Repair puts it right; every mode says so.
    param([hashtable] $Disk, $Entry)
    if ($null -eq $Entry.Device -or $Entry.Device.Identity -eq $Disk.Identity) { return }
    $gpt = $Disk.Identity.StartsWith('gpt:')
    $known = @(Get-Partition -DiskNumber $Disk.Number | ForEach-Object {
            if ($gpt) { "$($_.Guid)".Trim('{', '}').ToLowerInvariant() } else { "$($_.Offset)" }
        })
    if ($Entry.Device.Identity.Substring(0, 4) -ne $Disk.Identity.Substring(0, 4) -or $known -notcontains $Entry.Device.Partition) {
        Add-Caution -Text "the BCD's default loader lies on a disk $($Entry.Device.Identity), this disk is $($Disk.Identity)"
        return
    }
    Add-Finding -Id 'disk-id' -Confidence 'certain' -Evidence "the disk is $($Disk.Identity), its BCD expects $($Entry.Device.Identity)"
    if ($Mode -ne 'Repair') { return }
    Add-Action -What 'put the disk id back' -Target "disk at LUN $Lun" -Before $Disk.Identity -After $Entry.Device.Identity -Revertable $true
    $Disk.Identity = $Entry.Device.Identity
}

function Backup-BootStore {
    # The store with its logs, before the first write to it; answers the numbers for Complete-Backup. bcdedit writes the id that the disk has
    # while it is online: a store written under a foreign id would point nowhere after the swap.
    param([hashtable] $Disk)
    if ($Disk.IdentityChanged) {
        Stop-Script -Code 'disk-id-collision' -Message 'while the disk is online under another id its BCD must not be written: use a repair VM of another image'
    }
    foreach ($suffix in '', '.LOG', '.LOG1', '.LOG2') { Backup-File -Disk $Disk -Path "$($Disk.Store)$suffix" }
}

function Get-BootLoader {
    # What the store says of the loaders of a Windows: { Default (as it stands there), Loader (the one meant; '' = none), Path, Device, OsDevice,
    # ManagerDevice }, the devices in the words of Get-DeviceText. $null = there is no store, or it does not load.
    # 12000002 is a path; 26000022 marks the recovery environment, whose loader has the same name.
    param([hashtable] $Disk)
    if (-not (Test-Path -LiteralPath $Disk.Store -PathType Leaf)) { return $null }
    try {
        Invoke-WithHive -Path $Disk.Store -Body {
            param($Key)
            $objects = "$Key\Objects"
            $loaders = @(Get-RegistrySubkey -Key $objects | Where-Object {
                    "$(Get-RegistryValue -Key "$objects\$_\Elements\12000002" -Name 'Element')" -match '\\winload\.(exe|efi)$' -and
                    (Get-RegistryValue -Key "$objects\$_\Elements\26000022" -Name 'Element') -ne '01'
                })
            $default = "$(Get-RegistryValue -Key "$objects\$script:BootManager\Elements\23000003" -Name 'Element')"
            $loader = ''
            if ($loaders -contains $default) { $loader = $default }
            elseif ($loaders.Count -eq 1) { $loader = $loaders[0] }
            $elements = "$objects\$loader\Elements"
            [pscustomobject]@{
                Default = $default
                Loader = $loader
                Path = "$(Get-RegistryValue -Key "$elements\12000002" -Name 'Element')"
                Device = (Get-DeviceText -Hex (Get-RegistryValue -Key "$elements\11000001" -Name 'Element'))
                OsDevice = (Get-DeviceText -Hex (Get-RegistryValue -Key "$elements\21000001" -Name 'Element'))
                ManagerDevice = (Get-DeviceText -Hex (Get-RegistryValue -Key "$objects\$script:BootManager\Elements\11000001" -Name 'Element'))
            }
        }
    }
    catch {
        if ($_.Exception.Data['bootmedic'] -ne 'hive-damaged') { throw }
        $null
    }
}

function Get-DeviceText {
    # 'gpt:<disk> <partition>' of a device element; 'missing'; 'other' for one that names no disk (`boot`, a ramdisk), which is left as it is.
    param($Hex)
    if (-not $Hex) { return 'missing' }
    $device = ConvertFrom-BcdDevice -Hex $Hex
    if ($null -eq $device) { return 'other' }
    "$($device.Identity) $($device.Partition)"
}

function Get-PartitionText {
    # What a device element should say for the partition that is mounted at a root.
    param([hashtable] $Disk, [string] $Root)
    foreach ($partition in @(Get-Partition -DiskNumber $Disk.Number)) {
        $letter = [string] $partition.DriveLetter
        foreach ($held in @($Disk.Letters.Keys)) { if ($partition.AccessPaths -contains $Disk.Letters[$held]) { $letter = $held } }
        if ("${letter}:\" -ne $Root) { continue }
        if ($Disk.Identity.StartsWith('gpt:')) { return "$($Disk.Identity) $("$($partition.Guid)".Trim('{', '}').ToLowerInvariant())" }
        return "$($Disk.Identity) $($partition.Offset)"
    }
    ''
}

function Get-LoaderPath {
    # Of the generation's own loader, below the Windows partition.
    param([hashtable] $Disk)
    if ($Disk.Generation -eq 'V2') { return '\Windows\system32\winload.efi' }
    '\Windows\system32\winload.exe'
}

# Windows' own drivers without which it, its disks or its network do not start: known here, whatever the disk says of them.
$script:OwnDrivers = @(
    'acpi', 'acpiex', 'afd', 'ahcache', 'atapi', 'bam', 'bindflt', 'cdrom', 'cimfs', 'classpnp', 'clfs', 'clipsp', 'cng', 'condrv', 'crashdmp',
    'dfsc', 'disk', 'dumpfve', 'dxgkrnl', 'ehstorclass', 'fastfat', 'fileinfo', 'fltmgr', 'fs_rec', 'fvevol', 'fwpkclnt', 'http', 'hvservice',
    'hvsocket', 'hvsocketcontrol', 'hyperkbd', 'hypervideo', 'intelide', 'intelppm', 'iorate', 'isapnp', 'ks', 'ksecdd', 'ksecpkg', 'luafv',
    'mountmgr', 'mrxsmb', 'mrxsmb20', 'msfs', 'msisadrv', 'msrpc', 'mssecflt', 'mssmbios', 'mup', 'ndis', 'netbios', 'netbt', 'netio', 'netvsc',
    'npfs', 'nsiproxy', 'ntfs', 'ntosext', 'null', 'partmgr', 'pci', 'pciide', 'pciidex', 'pcw', 'pdc', 'peauth', 'processr', 'rdbss', 'rdyboost',
    'refs', 'refsv1', 'sacdrv', 'serenum', 'serial', 'spaceport', 'srv2', 'srvnet', 'storahci', 'storflt', 'stornvme', 'storport', 'storqosflt',
    'storvsc', 'swenum', 'tbs', 'tcpip', 'tcpipreg', 'tdi', 'tdx', 'tm', 'tpm', 'vdrvroot', 'vhdmp', 'videoprt', 'vmbkmcl', 'vmbus',
    'vmbushid', 'vmgencounter', 'vmgid', 'vmstorfl', 'volmgr', 'volmgrx', 'volsnap', 'volume', 'vpci', 'watchdog', 'wcifs', 'wdf01000',
    'wdfilter', 'wdfldr', 'werkernel', 'wfplwfs', 'win32k', 'win32kbase', 'win32kfull', 'windowstrustedrt', 'winhv', 'wmilib', 'wof'
)

function Get-ComponentFolder {
    # Folders of the component store, where Windows keeps what came with it; drivers of others are in the driver store only. Nothing where the
    # store says nothing: it is missing, empty, cannot be read, or lacks a file that every Windows has.
    param([hashtable] $Disk)
    try {
        $folders = @(Get-ChildItem -LiteralPath "$($Disk.WindowsRoot)Windows\WinSxS" -Directory -Force | ForEach-Object { $_.FullName })
        if (Test-OwnFile -Store $folders -Name 'ntfs.sys' -OnDisk) { $folders }
    }
    catch {
        Write-Line -Text "the component store cannot be read: $($_.Exception.Message)"
    }
}

function Test-OwnFile {
    # Did it come with Windows? Asked of a component store that says something. -OnDisk: of nothing else.
    param([string[]] $Store, [string] $Name, [switch] $OnDisk)
    if (-not $OnDisk -and $Name -match '^(.+)\.sys$' -and $script:OwnDrivers -contains $Matches[1]) { return $true }
    foreach ($folder in $Store) {
        if (Test-Path -LiteralPath "$folder\$Name" -PathType Leaf) { return $true }
    }
    $false
}
