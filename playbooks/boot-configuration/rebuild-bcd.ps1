# bootmedic: id=rebuild-bcd; safety=auto_with_snapshot; origin=derived
# writes: BCD and boot manager (and bcdboot's language files)
# undone by: Revert: BCD, its logs and boot manager, byte for byte; language files stay
# Makes a new boot configuration and new boot files with bcdboot: where nothing is left to repair, or where repairing proved not to be enough.
# Entries of the owner's own are in the backup only.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId,
    [ValidateSet('if-broken', 'always')] [string] $When = 'if-broken'
)


function Get-ManagerPath {
    # The file that the firmware, or the boot sector, starts.
    param([hashtable] $Disk)
    if ($Disk.Generation -eq 'V2') { return "$($Disk.BootRoot)EFI\Microsoft\Boot\bootmgfw.efi" }
    "$($Disk.BootRoot)bootmgr"
}

function Get-Reason {
    # Why it has to be made new; '' = it has not.
    param([hashtable] $Disk, $Now)
    if ($null -eq $Now) { return 'the boot configuration is missing or does not load' }
    if (-not $Now.Loader) { return 'the boot configuration names no Windows' }
    if (-not (Test-Path -LiteralPath (Get-ManagerPath -Disk $Disk) -PathType Leaf)) { return 'the boot manager is missing' }
    ''
}

function New-BootFile {
    # The old store goes first: into one that is there bcdboot would only write one entry more. Backed up is what decides whether the
    # machine boots; the fonts and language files that bcdboot adds are Windows' own, and stay.
    param([hashtable] $Disk)
    $numbers = @(Backup-BootStore -Disk $Disk) + @(Backup-File -Disk $Disk -Path (Get-ManagerPath -Disk $Disk))
    if ($Disk.Generation -eq 'V2') { $numbers += Backup-File -Disk $Disk -Path "$($Disk.BootRoot)EFI\Boot\bootx64.efi" }
    foreach ($suffix in '', '.LOG', '.LOG1', '.LOG2') {
        if (Test-Path -LiteralPath "$($Disk.Store)$suffix" -PathType Leaf) { Remove-Item -LiteralPath "$($Disk.Store)$suffix" -Force }
    }
    $firmware = 'BIOS'
    if ($Disk.Generation -eq 'V2') { $firmware = 'UEFI' }
    $made = Invoke-Native -Tool 'bcdboot' -Arguments @("$($Disk.WindowsRoot)Windows", '/s', $Disk.BootRoot.Substring(0, 2), '/f', $firmware)
    $now = Get-BootLoader -Disk $Disk
    $expected = Get-PartitionText -Disk $Disk -Root $Disk.WindowsRoot
    if ($made.ExitCode -ne 0 -or $null -eq $now -or $now.Loader -ne $now.Default -or $now.Device -ne $expected -or $now.OsDevice -ne $expected) {
        Stop-Script -Code 'bcdboot-failed' -Message "bcdboot made no boot configuration for this Windows (exit code $($made.ExitCode))"
    }
    Complete-Backup -Disk $Disk -Numbers $numbers
}

Invoke-Script -Name 'rebuild-bcd' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return Restore-File -Disk $Disk }
        Find-BootPartition -Disk $Disk -WithoutStore
        $reason = Get-Reason -Disk $Disk -Now (Get-BootLoader -Disk $Disk)
        if ($reason) { Add-Finding -Id 'bcd' -Confidence 'certain' -Evidence $reason }
        elseif ($When -ne 'always') { return New-Outcome -Outcome 'nothing-to-do' -Code 'bcd-sound' }
        elseif (@(Get-Manifest -Disk $Disk | Where-Object { $_.script -eq $script:Id -and $_.closed -and -not $_.reverted }).Count -gt 0) {
            return New-Outcome -Outcome 'nothing-to-do' -Code 'bcd-rebuilt'
        }
        if ($Mode -eq 'Detect') { return New-Outcome -Outcome 'nothing-to-do' -Code 'would-change' }
        $before = Get-Sha256 -Path $Disk.Store
        Invoke-WithUndo -Disk $Disk -Body { New-BootFile -Disk $Disk }
        Add-Action -What 'made a new boot configuration' -Target $Disk.Store.Substring(2) -Before $before -After (Get-Sha256 -Path $Disk.Store) -Revertable $true
        New-Outcome -Outcome 'fixed' -Code 'bcd-rebuilt'
    }
}
