# ---------------------------------------------------------------------------------------------------------------------
# The repair disk: found by LUN, brought online, given back as it was found, its identity guarded.
# ---------------------------------------------------------------------------------------------------------------------

function Find-RepairDisk {
    # The number of the one SCSI disk at this LUN that is not on the repair VM's own controller. Never by model name or size.
    # (A second-generation Azure VM has its own OS disk at LUN 0 and temporary disk at LUN 1 of its first SCSI controller;
    # data disks sit on another one. NVMe disks also call themselves SCSI: they have no LUN of ours.)
    $drives = @(Get-CimInstance -ClassName Win32_DiskDrive | Where-Object { $_.InterfaceType -eq 'SCSI' -and "$($_.PNPDeviceID)" -notmatch 'NVME' })
    $own = @(Get-Disk | Where-Object { $_.IsBoot -or $_.IsSystem } | ForEach-Object { [int] $_.Number })
    if ($own.Count -eq 0) { Stop-Script -Code 'disk-ambiguous' -Message 'the repair VM''s own disk cannot be told' }
    $ownPorts = @($drives | Where-Object { $own -contains [int] $_.Index } | ForEach-Object { [int] $_.SCSIPort })
    $found = @($drives | Where-Object {
            $null -ne $_.SCSILogicalUnit -and [int] $_.SCSILogicalUnit -eq $Lun -and $own -notcontains [int] $_.Index -and $ownPorts -notcontains [int] $_.SCSIPort
        })
    if ($found.Count -eq 0) { Stop-Script -Code 'disk-not-found' -Message "no SCSI data disk is at LUN $Lun" }
    if ($found.Count -gt 1) { Stop-Script -Code 'disk-ambiguous' -Message "$($found.Count) SCSI data disks are at LUN $Lun" }
    [int] $found[0].Index
}

function Get-DiskIdentity {
    # GPT disk GUID or MBR signature, as text: what the BCD's device elements name.
    param([int] $Number)
    $disk = Get-Disk -Number $Number
    if ($disk.Guid) { return 'gpt:' + ([guid] $disk.Guid).ToString('D') }
    'mbr:{0:x8}' -f [uint32] $disk.Signature
}

function Set-DiskIdentity {
    # On the offline disk: online, Windows would refuse or change an id that another disk has too.
    param([int] $Number, [string] $Identity)
    $folder = New-TemporaryFolder
    $commands = Join-Path -Path $folder -ChildPath 'diskpart.txt'
    try {
        Set-Content -LiteralPath $commands -Encoding Ascii -Value @("select disk $Number", "uniqueid disk id=$($Identity.Substring(4))")
        # Proven by the disk's id, below.
        $null = Invoke-Native -Tool 'diskpart' -Arguments @('/s', $commands)
    }
    finally {
        Remove-Item -LiteralPath $folder -Recurse -Force
    }
    if ((Get-DiskIdentity -Number $Number) -ne $Identity) {
        Stop-Script -Code 'disk-id-changed' -Message "disk $Number should have the id $Identity and has $(Get-DiskIdentity -Number $Number)"
    }
}

function Open-RepairDisk {
    # Writable and online, with its id looked at: Windows changes one that another disk has.
    param([hashtable] $Disk)
    Write-Step -Text "disk $($Disk.Number) at LUN $Lun, id $($Disk.Identity)"
    if ($Disk.WasReadOnly) { Set-Disk -Number $Disk.Number -IsReadOnly $false }
    if ($Disk.WasOffline) { Set-Disk -Number $Disk.Number -IsOffline $false }
    Update-HostStorageCache
    $now = Get-Disk -Number $Disk.Number
    if ($now.IsOffline -or $now.IsReadOnly) { Stop-Script -Code 'disk-not-online' -Message "disk $($Disk.Number) does not come online" }
    if ((Get-DiskIdentity -Number $Disk.Number) -ne $Disk.Identity) {
        $Disk.IdentityChanged = $true
        Add-Caution -Text "another disk has the id $($Disk.Identity): Windows changed it when the disk came online; it is put back"
    }
}

function Close-RepairDisk {
    # Letters taken back, the disk offline, read-only and with its id as it was: each tried although one before failed. Offline also where it
    # was found online: a script that was cut off left it so, and what is detached from a running Windows must be offline.
    param([hashtable] $Disk)
    foreach ($letter in @($Disk.Letters.Keys)) {
        $remove = Invoke-Native -Tool 'mountvol' -Arguments @("${letter}:", '/D')
        if ($remove.ExitCode -ne 0) { Add-Caution -Text "drive letter $letter could not be taken back" }
    }
    $differs = (Get-DiskIdentity -Number $Disk.Number) -ne $Disk.Identity
    try { Set-Disk -Number $Disk.Number -IsOffline $true } catch { Add-Caution -Text $_.Exception.Message }
    if (-not (Get-Disk -Number $Disk.Number).IsOffline) {
        Stop-Script -Code 'disk-not-released' -Message "disk $($Disk.Number) does not go offline"
    }
    if ($differs) {
        Set-DiskIdentity -Number $Disk.Number -Identity $Disk.Identity
        Write-Line -Text "the disk has its id $($Disk.Identity) again"
    }
    if ($Disk.WasReadOnly) { Set-Disk -Number $Disk.Number -IsReadOnly $true }
}

function Invoke-OnRepairDisk {
    # Calls the body with the opened disk, its Windows partition found and free of a ransom note. The disk is given back as it was.
    param([scriptblock] $Body)
    $number = Find-RepairDisk
    $before = Get-Disk -Number $number
    $disk = @{
        Number = $number; WasOffline = [bool] $before.IsOffline; WasReadOnly = [bool] $before.IsReadOnly
        Identity = (Get-DiskIdentity -Number $number); IdentityChanged = $false; Letters = @{}
        WindowsRoot = ''; BootRoot = ''; Store = ''; Generation = ''
    }
    try {
        Open-RepairDisk -Disk $disk
        $disk.WindowsRoot = Find-WindowsPartition -Disk $disk
        Test-RansomNote -Disk $disk
        & $Body $disk
    }
    finally {
        Close-RepairDisk -Disk $disk
    }
}
