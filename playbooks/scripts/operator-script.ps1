# bootmedic: id=operator-script; safety=consent; origin=derived
# writes: what the operator's script says of itself
# undone by: what the operator's script says of itself; what it backed up by Backup-File, byte for byte from the manifest
# Carries a script of the operator's own that has no param of its own: it is called in mode Repair, with the opened repair disk as $Disk.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId
)

function Invoke-OperatorScript {
    # The operator's text stands in the place of the line below.
    param([hashtable] $Disk)
    Stop-Script -Code 'no-script' -Message "no script was given for disk $($Disk.Number)"
}

function Select-Outcome {
    # What the operator's script answered last, if it is an outcome as New-Outcome makes it; everything else is a line of the log.
    param($Said)
    $outcome = $null
    foreach ($each in @($Said)) {
        if ($null -ne $each -and $null -ne $each.PSObject.Properties['Outcome'] -and $null -ne $each.PSObject.Properties['Code']) { $outcome = $each }
        else { Write-Line -Text "$each" }
    }
    if ($null -eq $outcome) {
        Add-Caution -Text 'the script ended without an outcome of its own: what it changed, only its log tells'
        return New-Outcome -Outcome 'fixed' -Code 'ended'
    }
    $words = @('fixed', 'nothing-to-do', 'not-applicable', 'failed')
    if ($words -notcontains "$($outcome.Outcome)" -or "$($outcome.Code)" -cnotmatch '^[a-z0-9-]{1,64}$') {
        Stop-Script -Code 'bad-outcome' -Message "its outcome '$($outcome.Outcome)', code '$($outcome.Code)', is none"
    }
    New-Outcome -Outcome "$($outcome.Outcome)" -Code "$($outcome.Code)"
}

Invoke-Script -Name 'operator-script' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return Restore-File -Disk $Disk }
        if ($Mode -eq 'Detect') { return New-Outcome -Outcome 'nothing-to-do' -Code 'would-run' }
        try { Find-BootPartition -Disk $Disk -WithoutStore }
        catch { Add-Caution -Text $_.Exception.Message }
        Select-Outcome -Said @(Invoke-WithUndo -Disk $Disk -Body { Invoke-OperatorScript -Disk $Disk })
    }
}
