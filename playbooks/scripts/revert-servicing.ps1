# bootmedic: id=revert-servicing; safety=auto_with_snapshot; origin=derived
# writes: servicing's queue: pending.xml, COMPONENTS, SOFTWARE, SYSTEM
# undone by: Revert, before the boot: those files, byte for byte
# Has the next boot undo a servicing operation that never finished. DISM only queues this: it cannot be proven before that boot.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId
)

function Backup-ServicingState {
    # What DISM may write: the list of pending actions, the component store's hive, and the hives that hold the queue.
    param([hashtable] $Disk)
    $paths = @("$($Disk.WindowsRoot)Windows\WinSxS\pending.xml")
    foreach ($hive in 'COMPONENTS', 'SOFTWARE', 'SYSTEM') {
        foreach ($suffix in '', '.LOG1', '.LOG2') { $paths += (Get-HivePath -Disk $Disk -Name "$hive$suffix") }
    }
    foreach ($path in $paths) { Backup-File -Disk $Disk -Path $path }
}

function Test-Changed {
    # Is any of them another file than the one that was backed up?
    param([hashtable] $Disk, [int[]] $Numbers)
    foreach ($entry in @(Get-Manifest -Disk $Disk | Where-Object { $Numbers -contains [int] $_.n })) {
        if ((Get-Sha256 -Path (Get-EntryPath -Disk $Disk -Entry $entry)) -ne $entry.sha256) { return $true }
    }
    $false
}

Invoke-Script -Name 'revert-servicing' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return Restore-File -Disk $Disk }
        $pending = (Get-Windows -Disk $Disk).Pending
        if ($pending.Count -eq 0) { return New-Outcome -Outcome 'nothing-to-do' -Code 'nothing-pending' }
        Add-Finding -Id 'pending-servicing' -Confidence 'certain' -Evidence ($pending -join ', ')
        if ($Mode -eq 'Detect') { return New-Outcome -Outcome 'nothing-to-do' -Code 'would-change' }
        # What is pending stays pending until the boot: only our own manifest tells that the revert is queued already.
        if (@(Get-Manifest -Disk $Disk | Where-Object { $_.script -eq $script:Id -and $_.closed -and -not $_.reverted }).Count -gt 0) {
            return New-Outcome -Outcome 'nothing-to-do' -Code 'revert-queued'
        }
        Invoke-WithUndo -Disk $Disk -Body {
            $numbers = @(Backup-ServicingState -Disk $Disk)
            $dism = Invoke-Native -Tool 'dism' -Arguments @('/English', "/Image:$($Disk.WindowsRoot)", '/Cleanup-Image', '/RevertPendingActions')
            # 3010: done, a restart is needed.
            if ($dism.ExitCode -ne 0 -and $dism.ExitCode -ne 3010) {
                Stop-Script -Code 'dism-failed' -Message ('DISM ended with 0x{0:x8}' -f $dism.ExitCode)
            }
            # Where its mark stands is not documented; but a queue that is nowhere written is none.
            if (-not (Test-Changed -Disk $Disk -Numbers $numbers)) {
                Stop-Script -Code 'dism-failed' -Message 'DISM says that the revert is queued, and has written nothing'
            }
            Complete-Backup -Disk $Disk -Numbers $numbers
        }
        Add-Action -What 'queued the revert of pending servicing' -Target 'Windows\WinSxS' -Before ($pending -join ', ') -After 'reverted by the next boot' -Revertable $true
        New-Outcome -Outcome 'fixed' -Code 'revert-queued'
    }
}
