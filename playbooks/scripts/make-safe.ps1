# bootmedic: id=make-safe; safety=auto_safe; origin=derived
# writes: nothing (the repair VM's own disk policy and scan exclusions)
# undone by: the repair VM is deleted
# Readies the fresh repair VM for a foreign disk: new disks stay offline, Defender does not scan them. Touches no repair disk.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId
)

# The drive letters a repair disk can get; C: and D: are the repair VM's own.
$roots = @('E', 'F', 'G', 'H', 'I', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'Q', 'R', 'S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z' | ForEach-Object { "${_}:\" })

function Set-DiskPolicy {
    # A disk that arrives online could have its id changed and its volumes written to before any script looks at it.
    $before = [string] (Get-StorageSetting).NewDiskPolicy
    if ($before -eq 'OfflineAll') { return $false }
    if ($Mode -eq 'Detect') { return $true }
    Set-StorageSetting -NewDiskPolicy OfflineAll
    $now = [string] (Get-StorageSetting).NewDiskPolicy
    if ($now -ne 'OfflineAll') { Stop-Script -Code 'disk-policy-not-set' -Message "new disks would still be handled as $now" }
    Add-Action -What 'set the policy for new disks' -Target 'repair VM' -Before $before -After $now -Revertable $false
    $true
}

function Set-ScanExclusion {
    # Defender would read a whole copy that is still hydrating, and quarantine what is evidence. Without Defender there is nothing to do.
    if (-not (Get-Command -Name 'Add-MpPreference' -ErrorAction SilentlyContinue)) { return $false }
    try {
        $listed = @((Get-MpPreference).ExclusionPath | Where-Object { $_ })
        $missing = @($roots | Where-Object { $listed -notcontains $_ })
        if ($missing.Count -eq 0) { return $false }
        if ($Mode -eq 'Detect') { return $true }
        Add-MpPreference -ExclusionPath $missing
    }
    catch {
        Add-Caution -Text "Defender's exclusions could not be set: $($_.Exception.Message)"
        return $false
    }
    Add-Action -What 'excluded from Defender''s scans' -Target 'repair VM, E:\ to Z:\' -Before $null -After "$($missing.Count) drives" -Revertable $false
    $true
}

Invoke-Script -Name 'make-safe' -Body {
    # The repair VM is deleted after the repair: there is nothing to go back to.
    if ($Mode -eq 'Revert') { return New-Outcome -Outcome 'not-applicable' -Code 'no-revert' }
    $policyChanged = Set-DiskPolicy
    $scanChanged = Set-ScanExclusion
    if (-not ($policyChanged -or $scanChanged)) { return New-Outcome -Outcome 'nothing-to-do' -Code 'safe' }
    if ($Mode -eq 'Detect') { return New-Outcome -Outcome 'nothing-to-do' -Code 'would-change' }
    New-Outcome -Outcome 'fixed' -Code 'safe'
}
