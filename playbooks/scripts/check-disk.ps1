# bootmedic: id=check-disk; safety=auto_with_snapshot; origin=doc
# writes: the file system's structure, where chkdsk finds errors
# undone by: nothing on the copy: the original disk is swapped back
# chkdsk on the Windows partition: first it only looks, then it repairs, then it looks again. What it repairs is no file that could be backed up:
# the way back is the original disk.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId
)

function Test-FileSystem {
    # Does a pass that only looks find the file system in order? Microsoft's exit codes: 0 no errors; 1 errors fixed; 2 only tidying would be
    # done; 3 errors, or not checked.
    param([hashtable] $Disk)
    Write-Step -Text 'chkdsk, looking only'
    $look = Invoke-Native -Tool 'chkdsk' -Arguments @($Disk.WindowsRoot.Substring(0, 2))
    if (@(0, 2, 3) -notcontains $look.ExitCode) {
        Stop-Script -Code 'chkdsk-failed' -Message "chkdsk ended with $($look.ExitCode) where it should only look"
    }
    $look.ExitCode -ne 3
}

function Test-Dirty {
    # The mark with which Windows checks the volume at its next start.
    param([hashtable] $Disk)
    $volumes = @(Get-CimInstance -ClassName Win32_Volume | Where-Object { "$($_.DriveLetter)" -eq $Disk.WindowsRoot.Substring(0, 2) })
    $volumes.Count -eq 1 -and [bool] $volumes[0].DirtyBitSet
}

Invoke-Script -Name 'check-disk' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return New-Outcome -Outcome 'not-applicable' -Code 'no-revert' }
        $sound = Test-FileSystem -Disk $Disk
        $dirty = Test-Dirty -Disk $Disk
        if (-not $sound) { Add-Finding -Id 'file-system' -Confidence 'certain' -Evidence 'chkdsk finds errors on the Windows partition' }
        if ($dirty) { Add-Finding -Id 'dirty-volume' -Confidence 'certain' -Evidence 'the Windows partition waits for a check' }
        if ($sound -and -not $dirty) { return New-Outcome -Outcome 'nothing-to-do' -Code 'file-system-sound' }
        if ($Mode -eq 'Detect') { return New-Outcome -Outcome 'nothing-to-do' -Code 'would-change' }
        Write-Step -Text 'chkdsk, repairing'
        # /x: nobody is there to be asked whether the volume may be dismounted.
        $repair = Invoke-Native -Tool 'chkdsk' -Arguments @($Disk.WindowsRoot.Substring(0, 2), '/f', '/x')
        if (@(0, 1, 2) -notcontains $repair.ExitCode -or -not (Test-FileSystem -Disk $Disk) -or (Test-Dirty -Disk $Disk)) {
            Stop-Script -Code 'file-system-not-repaired' -Message "chkdsk could not repair the file system (exit code $($repair.ExitCode))"
        }
        $before = 'errors'
        if ($sound) { $before = 'waiting for a check' }
        Add-Action -What 'repaired the file system' -Target 'Windows partition' -Before $before -After "chkdsk exit code $($repair.ExitCode)" -Revertable $false
        New-Outcome -Outcome 'fixed' -Code 'file-system-repaired'
    }
}
