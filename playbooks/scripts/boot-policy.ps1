# bootmedic: id=boot-policy; safety=auto_with_snapshot; origin=doc
# writes: BCD: recoveryenabled, bootstatuspolicy, the boot menu
# undone by: Revert: BCD and its logs, byte for byte
# A machine without a keyboard must not wait for one: no recovery environment after failed boots, no stop at a failed boot's notice, no boot menu.
# What really stops Windows is then seen at the next boot.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId
)

function Get-WrongPolicy {
    # What waits for a person: { Target, Before, After, Arguments (lists of bcdedit's) }. An element that is missing has the default of
    # Windows: recovery on, failures shown. 16000009 recoveryenabled, 250000e0 bootstatuspolicy (1 = IgnoreAllFailures),
    # 26000020 displaybootmenu.
    param([hashtable] $Disk, [string] $Loader)
    Invoke-WithHive -Path $Disk.Store -Body {
        param($Key)
        $elements = "$Key\Objects\$Loader\Elements"
        $recovery = Get-RegistryValue -Key "$elements\16000009" -Name 'Element'
        if ($recovery -ne '00') {
            [pscustomobject]@{ Target = 'recoveryenabled'; Before = (Get-Word -Value $recovery -Hex '01' -Word 'Yes'); After = 'No'; Arguments = @(, @('/set', $Loader, 'recoveryenabled', 'No')) }
        }
        $policy = Get-RegistryValue -Key "$elements\250000e0" -Name 'Element'
        if ($policy -ne '0100000000000000') {
            [pscustomobject]@{
                Target = 'bootstatuspolicy'; Before = (Get-Word -Value $policy -Hex '0000000000000000' -Word 'DisplayAllFailures'); After = 'IgnoreAllFailures'
                Arguments = @(, @('/set', $Loader, 'bootstatuspolicy', 'IgnoreAllFailures'))
            }
        }
        $menu = Get-RegistryValue -Key "$Key\Objects\$script:BootManager\Elements\26000020" -Name 'Element'
        if ($menu -eq '01') {
            [pscustomobject]@{
                Target = 'displaybootmenu'; Before = 'Yes'; After = 'absent, timeout 5'
                Arguments = @(@('/deletevalue', $script:BootManager, 'displaybootmenu'), @('/set', $script:BootManager, 'timeout', '5'))
            }
        }
    }
}

function Get-Word {
    # bcdedit's word for an element's bytes, where it is the one that is known.
    param($Value, [string] $Hex, [string] $Word)
    if ($null -eq $Value) { return 'absent' }
    if ($Value -eq $Hex) { return $Word }
    $Value
}

function Get-MenuTimeout {
    # $null where the store does not say.
    param([hashtable] $Disk)
    Invoke-WithHive -Path $Disk.Store -Body {
        param($Key)
        ConvertFrom-BcdInteger -Hex (Get-RegistryValue -Key "$Key\Objects\$script:BootManager\Elements\25000004" -Name 'Element')
    }
}

function Set-Policy {
    # The store is read again: the calls' own word is not enough.
    param([hashtable] $Disk, $Wrong, [string] $Loader)
    $numbers = @(Backup-BootStore -Disk $Disk)
    $failed = 0
    foreach ($each in $Wrong) {
        foreach ($arguments in $each.Arguments) {
            $set = Invoke-Native -Tool 'bcdedit' -Arguments @(@('/store', $Disk.Store) + $arguments)
            if ($set.ExitCode -ne 0) { $failed++ }
        }
    }
    # Without a menu its timeout does nothing; it is asked for, so it is looked at too. 25000004 timeout, seconds.
    if (@($Wrong | Where-Object { $_.Target -eq 'displaybootmenu' }).Count -gt 0 -and (Get-MenuTimeout -Disk $Disk) -ne 5) { $failed++ }
    if ($failed -gt 0 -or @(Get-WrongPolicy -Disk $Disk -Loader $Loader).Count -gt 0) {
        Stop-Script -Code 'bcd-not-changed' -Message 'the boot policy could not be set'
    }
    Complete-Backup -Disk $Disk -Numbers $numbers
    foreach ($each in $Wrong) { Add-Action -What 'boot policy' -Target $each.Target -Before $each.Before -After $each.After -Revertable $true }
}

Invoke-Script -Name 'boot-policy' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return Restore-File -Disk $Disk }
        Find-BootPartition -Disk $Disk
        $entry = Get-BootEntry -Disk $Disk
        Test-DiskOfBootEntry -Disk $Disk -Entry $entry
        $wrong = @(Get-WrongPolicy -Disk $Disk -Loader $entry.Loader)
        foreach ($each in $wrong) { Add-Finding -Id 'boot-policy' -Confidence 'certain' -Evidence "$($each.Target) is $($each.Before)" }
        if ($Mode -eq 'Detect') {
            $code = 'policy-set'
            if ($wrong.Count -gt 0) { $code = 'would-change' }
            return New-Outcome -Outcome 'nothing-to-do' -Code $code
        }
        if ($wrong.Count -gt 0) { Invoke-WithUndo -Disk $Disk -Body { Set-Policy -Disk $Disk -Wrong $wrong -Loader $entry.Loader } }
        if ($script:Actions.Count -eq 0) { return New-Outcome -Outcome 'nothing-to-do' -Code 'policy-set' }
        New-Outcome -Outcome 'fixed' -Code 'policy-set'
    }
}
