# bootmedic: id=repair-bcd; safety=auto_with_snapshot; origin=doc
# writes: BCD: default, devices, path; or the disk's id
# undone by: Revert: BCD and its logs, byte for byte; the disk keeps the id that its BCD names
# Puts right what is wrong in the boot configuration, element by element: the default entry, the devices of boot manager and loader, the
# loader's path. A store that has no usable entry is left for rebuild-bcd.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId
)

function Get-WrongElement {
    # What the store says and should not: { Target, Before, After, Arguments (of bcdedit) }.
    param([hashtable] $Disk, $Now)
    $windows = Get-PartitionText -Disk $Disk -Root $Disk.WindowsRoot
    $boot = Get-PartitionText -Disk $Disk -Root $Disk.BootRoot
    $path = Get-LoaderPath -Disk $Disk
    $drive = $Disk.WindowsRoot.TrimEnd('\')
    if ($Now.Default -ne $Now.Loader) {
        [pscustomobject]@{ Target = 'default'; Before = $Now.Default; After = $Now.Loader; Arguments = @('/default', $Now.Loader) }
    }
    if (Test-WrongDevice -Device $Now.ManagerDevice -Expected $boot) {
        [pscustomobject]@{
            Target = 'boot manager device'; Before = $Now.ManagerDevice; After = $boot
            Arguments = @('/set', $script:BootManager, 'device', "partition=$($Disk.BootRoot.TrimEnd('\'))")
        }
    }
    foreach ($name in 'Device', 'OsDevice') {
        if (Test-WrongDevice -Device $Now.$name -Expected $windows) {
            $element = $name.ToLowerInvariant()
            [pscustomobject]@{
                Target = "loader $element"; Before = $Now.$name; After = $windows
                Arguments = @('/set', $Now.Loader, $element, "partition=$drive")
            }
        }
    }
    if ($Now.Path -ne $path) {
        [pscustomobject]@{ Target = 'loader path'; Before = $Now.Path; After = $path; Arguments = @('/set', $Now.Loader, 'path', $path) }
    }
}

function Test-WrongDevice {
    # A device that names no disk, such as `boot`, finds its way by itself.
    param([string] $Device, [string] $Expected)
    $Device -ne 'other' -and $Device -ne $Expected
}

function Set-Element {
    # Each by one call of bcdedit, then the store is read again: the calls' own word is not enough.
    param([hashtable] $Disk, $Wrong)
    $numbers = @(Backup-BootStore -Disk $Disk)
    $failed = 0
    foreach ($each in $Wrong) {
        $set = Invoke-Native -Tool 'bcdedit' -Arguments @(@('/store', $Disk.Store) + $each.Arguments)
        if ($set.ExitCode -ne 0) { $failed++ }
    }
    $now = Get-BootLoader -Disk $Disk
    if ($failed -gt 0 -or $null -eq $now -or @(Get-WrongElement -Disk $Disk -Now $now).Count -gt 0) {
        Stop-Script -Code 'bcd-not-changed' -Message 'the boot configuration could not be put right'
    }
    Complete-Backup -Disk $Disk -Numbers $numbers
    foreach ($each in $Wrong) {
        Add-Action -What 'boot configuration' -Target $each.Target -Before $each.Before -After $each.After -Revertable $true
    }
}

Invoke-Script -Name 'repair-bcd' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return Restore-File -Disk $Disk }
        Find-BootPartition -Disk $Disk -WithoutStore
        $now = Get-BootLoader -Disk $Disk
        if ($null -eq $now -or -not $now.Loader) {
            Add-Finding -Id 'bcd' -Confidence 'certain' -Evidence 'the boot configuration is missing, does not load or names no Windows'
            return New-Outcome -Outcome 'not-applicable' -Code 'rebuild-needed'
        }
        # An element that could not be read looks like one that is missing: what decides was seen twice.
        if ($Mode -eq 'Repair' -and "$(Get-BootLoader -Disk $Disk)" -ne "$now") {
            Stop-Script -Code 'bcd-not-changed' -Message 'two looks at the boot configuration differ'
        }
        $before = $Disk.Identity
        # Where the boot manager's device names this disk, the loader's is wrong and not the disk's id.
        if ($now.Default -eq $now.Loader -and -not $now.ManagerDevice.StartsWith("$before ")) { Test-DiskOfBootEntry -Disk $Disk -Entry (Get-BootEntry -Disk $Disk) }
        # The disk gets back the id that its whole boot configuration names: there is nothing to write into that.
        if ($Disk.Identity -ne $before) { return New-Outcome -Outcome 'fixed' -Code 'disk-id' }
        $wrong = @(Get-WrongElement -Disk $Disk -Now $now)
        foreach ($each in $wrong) { Add-Finding -Id 'bcd' -Confidence 'certain' -Evidence "$($each.Target) is $($each.Before), not $($each.After)" }
        if (-not (Test-Path -LiteralPath "$($Disk.WindowsRoot)Windows\System32\$(Split-Path -Path (Get-LoaderPath -Disk $Disk) -Leaf)" -PathType Leaf)) {
            Add-Caution -Text 'the loader itself is missing on the Windows partition'
        }
        if ($wrong.Count -eq 0) { return New-Outcome -Outcome 'nothing-to-do' -Code 'bcd-sound' }
        if ($Mode -eq 'Detect') { return New-Outcome -Outcome 'nothing-to-do' -Code 'would-change' }
        Invoke-WithUndo -Disk $Disk -Body { Set-Element -Disk $Disk -Wrong $wrong }
        New-Outcome -Outcome 'fixed' -Code 'bcd-repaired'
    }
}
