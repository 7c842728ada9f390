# bootmedic: id=safeboot-off; safety=consent; origin=derived
# writes: BCD: safeboot is deleted
# undone by: Revert: BCD and its logs, byte for byte
# Takes the safe mode flag off the default entry: it was left on, and every boot since then is half a Windows. Somebody set it, so somebody is asked.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId
)

function Get-SafeBoot {
    # 'Minimal', 'Network' or 'DsRepair'; '' = not set. 25000080 safeboot, an integer.
    param([hashtable] $Disk, [string] $Loader)
    Invoke-WithHive -Path $Disk.Store -Body {
        param($Key)
        $value = ConvertFrom-BcdInteger -Hex (Get-RegistryValue -Key "$Key\Objects\$Loader\Elements\25000080" -Name 'Element')
        if ($null -eq $value) { return '' }
        $words = @('Minimal', 'Network', 'DsRepair')
        if ($value -lt 3) { return $words[[int] $value] }
        "$value"
    }
}

function Clear-SafeBoot {
    # The store is read again: the call's own word is not enough.
    param([hashtable] $Disk, [string] $Loader)
    $numbers = @(Backup-BootStore -Disk $Disk)
    $set = Invoke-Native -Tool 'bcdedit' -Arguments @('/store', $Disk.Store, '/deletevalue', $Loader, 'safeboot')
    if ($set.ExitCode -ne 0 -or (Get-SafeBoot -Disk $Disk -Loader $Loader)) {
        Stop-Script -Code 'bcd-not-changed' -Message 'the safe mode flag could not be taken off'
    }
    Complete-Backup -Disk $Disk -Numbers $numbers
}

Invoke-Script -Name 'safeboot-off' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return Restore-File -Disk $Disk }
        Find-BootPartition -Disk $Disk
        $entry = Get-BootEntry -Disk $Disk
        $flag = Get-SafeBoot -Disk $Disk -Loader $entry.Loader
        if (-not $flag) { return New-Outcome -Outcome 'nothing-to-do' -Code 'no-safe-mode' }
        Add-Finding -Id 'safe-mode' -Confidence 'certain' -Evidence "safeboot is $flag"
        # A domain controller whose directory is being repaired: not ours to end.
        if ($flag -eq 'DsRepair') { return New-Outcome -Outcome 'not-applicable' -Code 'directory-repair-mode' }
        if ($Mode -eq 'Detect') { return New-Outcome -Outcome 'nothing-to-do' -Code 'would-change' }
        Invoke-WithUndo -Disk $Disk -Body { Clear-SafeBoot -Disk $Disk -Loader $entry.Loader }
        Add-Action -What 'left safe mode' -Target 'safeboot' -Before $flag -After 'absent' -Revertable $true
        New-Outcome -Outcome 'fixed' -Code 'safe-mode-off'
    }
}
