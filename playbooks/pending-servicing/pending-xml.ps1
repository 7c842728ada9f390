# bootmedic: id=pending-xml; safety=consent; origin=derived
# writes: WinSxS\pending.xml is moved into the backup folder; COMPONENTS hive: what points to it
# undone by: Revert: file, hive and its logs, byte for byte
# Sets the list of pending actions aside where reverting it did not end the loop: the next boot has nothing left to finish. Servicing may need repair.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId
)

# What the COMPONENTS hive says of a queue that is not there any more.
$pointers = 'PendingXmlIdentifier', 'NextQueueEntryIndex', 'AdvancedInstallersNeedResolving'

function Find-Pointer {
    # Names of those that are there: a hive without them is not written. The root of this hive is never empty (CanonicalData, DerivedData):
    # a look that finds nothing at all has not looked.
    param([string] $Hive)
    if (-not (Test-Path -LiteralPath $Hive -PathType Leaf)) { return }
    Invoke-WithHive -Path $Hive -Body {
        param($Key)
        $values = Get-RegistryKey -Key $Key
        if ($null -eq $values -or @(Get-RegistrySubkey -Key $Key).Count -eq 0) {
            Stop-Script -Code 'hive-damaged' -Message 'the COMPONENTS hive says nothing of the component store'
        }
        foreach ($name in $pointers) { if ($values.ContainsKey($name)) { $name } }
    }
}

function Remove-Queue {
    # File and pointers; closed together, so that a failure in the middle takes both back.
    param([hashtable] $Disk, [string] $Path, [string] $Hive, $Names)
    $numbers = @(Backup-File -Disk $Disk -Path $Path)
    Remove-Item -LiteralPath $Path -Force
    if (Test-Path -LiteralPath $Path) { Stop-Script -Code 'file-not-moved' -Message "$Path could not be moved" }
    if ($Names.Count -gt 0) {
        $numbers += @('', '.LOG1', '.LOG2' | ForEach-Object { Backup-File -Disk $Disk -Path "$Hive$_" })
        Invoke-WithHive -Path $Hive -Write -Body {
            param($Key)
            foreach ($name in $Names) { Remove-RegistryValue -Key $Key -Name $name }
        }
    }
    # Looked at again: a pointer to a queue that is gone would stop the next boot.
    if (@(Find-Pointer -Hive $Hive).Count -gt 0) { Stop-Script -Code 'registry-not-changed' -Message 'COMPONENTS still points to pending actions' }
    Complete-Backup -Disk $Disk -Numbers $numbers
}

Invoke-Script -Name 'pending-xml' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return Restore-File -Disk $Disk }
        $path = "$($Disk.WindowsRoot)Windows\WinSxS\pending.xml"
        if (-not (Test-Path -LiteralPath $path -PathType Leaf)) { return New-Outcome -Outcome 'nothing-to-do' -Code 'no-pending-xml' }
        Assert-NoLink -Path $path
        Add-Finding -Id 'pending-servicing' -Confidence 'certain' -Evidence "\Windows\WinSxS\pending.xml"
        if ($Mode -eq 'Detect') { return New-Outcome -Outcome 'nothing-to-do' -Code 'would-change' }
        $hive = Get-HivePath -Disk $Disk -Name 'COMPONENTS'
        $names = @(Find-Pointer -Hive $hive)
        $hash = Get-Sha256 -Path $path
        Invoke-WithUndo -Disk $Disk -Body { Remove-Queue -Disk $Disk -Path $path -Hive $hive -Names $names }
        Add-Action -What 'set the pending actions aside' -Target '\Windows\WinSxS\pending.xml' -Before $hash -After $null -Revertable $true
        if ($names.Count -gt 0) {
            Add-Action -What 'removed what points to pending actions' -Target 'COMPONENTS' -Before ($names -join ', ') -After $null -Revertable $true
        }
        Add-Caution -Text 'updates may fail until servicing is repaired in the running Windows: DISM /Online /Cleanup-Image /RestoreHealth'
        New-Outcome -Outcome 'fixed' -Code 'pending-xml-aside'
    }
}
