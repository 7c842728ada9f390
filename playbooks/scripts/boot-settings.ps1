# bootmedic: id=boot-settings; safety=auto_with_snapshot; origin=doc
# writes: BCD: EMS; SYSTEM hive: crash dump settings
# undone by: Revert: BCD, hive and their logs, byte for byte
# Before a boot: the serial console speaks (EMS), and the next crash leaves a memory dump. Microsoft's article, with the dump's place
# chosen by what the disk can hold (see the playbook's README).
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId,
    [Parameter(Mandatory = $true)] [ValidateRange(1, 33554432)] [int] $MemoryMb
)

function Get-DumpPlan {
    # Values for CrashControl. A complete dump needs memory + 257 MB in the boot volume's pagefile; on Azure the pagefile usually lies on
    # the temporary disk, and then an automatic dump goes to a file of its own, as large as the disk allows.
    param([hashtable] $Disk, [string] $Key, [string] $Drive)
    $need = $MemoryMb + 257
    $control = "$Key\Control\CrashControl"
    $values = @(
        @{ Name = 'DumpFile'; Type = 'REG_EXPAND_SZ'; Data = '%SystemRoot%\MEMORY.DMP' }
        @{ Name = 'NMICrashDump'; Type = 'REG_DWORD'; Data = '1' }
        @{ Name = 'AutoReboot'; Type = 'REG_DWORD'; Data = '0' }
    )
    $paging = "$(Get-RegistryValue -Key "$Key\Control\Session Manager\Memory Management" -Name 'PagingFiles')"
    $pagefile = [long] (Get-FileMegabyte -Path "$($Disk.WindowsRoot)pagefile.sys")
    $own = ConvertTo-VolumePath -Path (Get-RegistryValue -Key $control -Name 'DedicatedDumpFile')
    if (-not $own -and $paging -match "(?i)(^|\\0)($Drive|\?):\\" -and $pagefile -ge $need) {
        Add-Finding -Id 'dump-plan' -Confidence 'certain' -Evidence "complete dump: pagefile.sys on the Windows volume has $pagefile MB of $need needed"
        return $values + @(@{ Name = 'CrashDumpEnabled'; Type = 'REG_DWORD'; Data = '1' })
    }
    $values += @{ Name = 'CrashDumpEnabled'; Type = 'REG_DWORD'; Data = '7' }
    $file = '\bootmedic.dmp'
    if ($own) { $file = $own }
    # What the dedicated file already takes is its own room; one gigabyte stays free for Windows.
    $free = [long] ((Get-PSDrive -Name $Disk.WindowsRoot.Substring(0, 1)).Free / 1mb)
    $room = $free - 1024 + (Get-FileMegabyte -Path ($Disk.WindowsRoot.TrimEnd('\') + $file))
    $least = [Math]::Min([long] $need, [Math]::Max(2048, [long] ($MemoryMb / 4)))
    $size = [long] $need
    if ($room -lt $need) {
        # Whole gigabytes, and one that fits already stays: the free space is a little less at the next look.
        $size = [long] [Math]::Floor($room / 1024) * 1024
        $set = [long] "0$(Get-RegistryValue -Key $control -Name 'DumpFileSize')"
        if ($own -and $set -ge $least -and $set -le $room) { $size = $set }
    }
    if ($size -lt $least) {
        Add-Finding -Id 'dump-plan' -Confidence 'certain' -Evidence "no room for a dump: $room MB of $need needed; a crash may leave none"
        Add-Caution -Text 'the Windows volume has too little free space for a memory dump'
        return $values
    }
    Add-Finding -Id 'dump-plan' -Confidence 'certain' -Evidence "automatic dump to ${Drive}:$file of $size MB: no pagefile of $need MB on the Windows volume"
    $values + @(
        @{ Name = 'DedicatedDumpFile'; Type = 'REG_SZ'; Data = "${Drive}:$file" }
        @{ Name = 'DumpFileSize'; Type = 'REG_DWORD'; Data = "$size" }
    )
}

function Get-FileMegabyte {
    # Whole megabytes of a file; 0 = it is not there.
    param([string] $Path)
    if (-not (Test-Path -LiteralPath $Path -PathType Leaf)) { return [long] 0 }
    [long] [Math]::Floor((Get-Item -LiteralPath $Path -Force).Length / 1mb)
}

function Get-WrongValue {
    # What differs from the plan, in every control set that exists: { Set, Name, Type, Data, Before }.
    param([hashtable] $Disk, [string] $Key, [string] $Drive)
    $sets = Get-ControlSet -Key $Key
    $plan = Get-DumpPlan -Disk $Disk -Key "$Key\$($sets.Default)" -Drive $Drive
    foreach ($set in $sets.All) {
        $values = Get-RegistryKey -Key "$Key\$set\Control\CrashControl"
        if ($null -eq $values) { $values = @{} }
        foreach ($value in $plan) {
            $before = $values[$value.Name]
            if ($before -ne $value.Data) {
                [pscustomobject]@{ Set = $set; Name = $value.Name; Type = $value.Type; Data = $value.Data; Before = $before }
            }
        }
    }
}

function Set-CrashControl {
    # Writes what differs from the plan into the SYSTEM hive, one action for each control set.
    param([hashtable] $Disk, $Wrong)
    $hive = Get-HivePath -Disk $Disk -Name 'SYSTEM'
    $numbers = @('', '.LOG1', '.LOG2' | ForEach-Object { Backup-File -Disk $Disk -Path "$hive$_" })
    Invoke-WithHive -Path $hive -Write -Body {
        param($Key)
        foreach ($value in $Wrong) {
            Set-RegistryValue -Key "$Key\$($value.Set)\Control\CrashControl" -Name $value.Name -Type $value.Type -Data $value.Data
        }
    }
    Complete-Backup -Disk $Disk -Numbers $numbers
    foreach ($set in @($Wrong | Group-Object -Property Set)) {
        $before = @($set.Group | ForEach-Object { if ($null -eq $_.Before) { "$($_.Name) absent" } else { "$($_.Name)=$($_.Before)" } }) -join '; '
        $after = @($set.Group | ForEach-Object { "$($_.Name)=$($_.Data)" }) -join '; '
        Add-Action -What 'crash dump settings' -Target "SYSTEM\$($set.Name)\Control\CrashControl" -Before $before -After $after -Revertable $true
    }
}

function Set-Ems {
    # The article's two commands, then the store is read again.
    param([hashtable] $Disk, $Entry)
    $numbers = @(Backup-BootStore -Disk $Disk)
    $on = Invoke-Native -Tool 'bcdedit' -Arguments @('/store', $Disk.Store, '/ems', $Entry.Loader, 'ON')
    $port = Invoke-Native -Tool 'bcdedit' -Arguments @('/store', $Disk.Store, '/emssettings', 'EMSPORT:1', 'EMSBAUDRATE:115200')
    $now = Get-BootEntry -Disk $Disk
    if ($on.ExitCode -ne 0 -or $port.ExitCode -ne 0 -or -not (Test-Ems -Entry $now) -or "$($now.Device)" -ne "$($Entry.Device)") {
        Stop-Script -Code 'bcd-not-changed' -Message 'EMS could not be switched on in the BCD'
    }
    Complete-Backup -Disk $Disk -Numbers $numbers
    Add-Action -What 'EMS on in the BCD' -Target "$($Entry.Loader)" -Before "ems=$($Entry.Ems) port=$($Entry.EmsPort) baud=$($Entry.EmsBaudRate)" -After 'ems=True port=1 baud=115200' -Revertable $true
}

function Test-Ems {
    # The console on COM1 as Azure reads it.
    param($Entry)
    $Entry.Ems -and $Entry.EmsPort -eq 1 -and $Entry.EmsBaudRate -eq 115200
}

Invoke-Script -Name 'boot-settings' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return Restore-File -Disk $Disk }
        Find-BootPartition -Disk $Disk
        $entry = Get-BootEntry -Disk $Disk
        Test-DiskOfBootEntry -Disk $Disk -Entry $entry
        $drive = (Get-Windows -Disk $Disk).Drive
        $wrong = @(Invoke-WithHive -Path (Get-HivePath -Disk $Disk -Name 'SYSTEM') -Body {
                param($Key)
                Get-WrongValue -Disk $Disk -Key $Key -Drive $drive
            })
        $ems = Test-Ems -Entry $entry
        if ($Mode -eq 'Detect') {
            $code = 'set'
            if ($wrong.Count -gt 0 -or -not $ems) { $code = 'would-change' }
            return New-Outcome -Outcome 'nothing-to-do' -Code $code
        }
        Invoke-WithUndo -Disk $Disk -Body {
            if (-not $ems) { Set-Ems -Disk $Disk -Entry $entry }
            if ($wrong.Count -gt 0) { Set-CrashControl -Disk $Disk -Wrong $wrong }
        }
        if ($script:Actions.Count -eq 0) { return New-Outcome -Outcome 'nothing-to-do' -Code 'set' }
        New-Outcome -Outcome 'fixed' -Code 'set'
    }
}
