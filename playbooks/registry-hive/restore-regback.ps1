# bootmedic: id=restore-regback; safety=consent; origin=doc
# writes: the five hives of Windows\System32\config, their logs deleted
# undone by: Revert: each hive and its logs, byte for byte
# The registry as Windows kept it itself, where a hive does not load any more: what was installed or changed since is unknown to it.
# Windows Server 2019 and newer leave these files empty.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId
)

$names = 'SYSTEM', 'SOFTWARE', 'SAM', 'SECURITY', 'DEFAULT'

function Get-Obstacle {
    # Why the kept registry cannot be used; '' = it can. All five are of one run of the task that keeps them, or none is used.
    param([hashtable] $Disk)
    $times = @()
    foreach ($name in $names) {
        $path = Get-HivePath -Disk $Disk -Name "RegBack\$name"
        if (-not (Test-Path -LiteralPath $path -PathType Leaf)) { return "RegBack has no $name" }
        $file = Get-Item -LiteralPath $path -Force
        if ($file.Length -eq 0) { return "RegBack's $name is empty" }
        if (-not (Test-Hive -Path $path)) { return "RegBack's $name does not load" }
        $times += $file.LastWriteTimeUtc
    }
    $sorted = @($times | Sort-Object)
    if (($sorted[-1] - $sorted[0]).TotalHours -gt 1) { return 'the hives in RegBack are of different times' }
    Add-Finding -Id 'regback' -Confidence 'certain' -Evidence "RegBack is of $($sorted[0].ToString('yyyy-MM-dd'))"
    ''
}

function Restore-Registry {
    # All five, and no log of the old ones: it would be applied to the new.
    param([hashtable] $Disk)
    $config = "$($Disk.WindowsRoot)Windows\System32\config"
    $numbers = @()
    foreach ($name in $names) {
        foreach ($suffix in '', '.LOG', '.LOG1', '.LOG2') { $numbers += Backup-File -Disk $Disk -Path "$config\$name$suffix" }
    }
    foreach ($name in $names) {
        foreach ($suffix in '.LOG', '.LOG1', '.LOG2') {
            if (Test-Path -LiteralPath "$config\$name$suffix" -PathType Leaf) { Remove-Item -LiteralPath "$config\$name$suffix" -Force }
        }
        $before = Get-Sha256 -Path "$config\$name"
        $done = Copy-WithRobocopy -From "$config\RegBack" -To $config -Name $name
        $after = Get-Sha256 -Path "$config\$name"
        if (-not $done -or $after -ne (Get-Sha256 -Path "$config\RegBack\$name") -or -not (Test-Hive -Path "$config\$name")) {
            Stop-Script -Code 'regback-failed' -Message "$name could not be put in place"
        }
        Add-Action -What 'restored a hive from RegBack' -Target "Windows\System32\config\$name" -Before $before -After $after -Revertable $true
    }
    Complete-Backup -Disk $Disk -Numbers $numbers
}

Invoke-Script -Name 'restore-regback' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return Restore-File -Disk $Disk }
        $broken = @($names | Where-Object { -not (Test-Hive -Path (Get-HivePath -Disk $Disk -Name $_)) })
        if ($broken.Count -eq 0) { return New-Outcome -Outcome 'nothing-to-do' -Code 'hives-sound' }
        Add-Finding -Id 'hive' -Confidence 'certain' -Evidence "these do not load: $($broken -join ', ')"
        $obstacle = Get-Obstacle -Disk $Disk
        if ($obstacle) {
            Add-Caution -Text $obstacle
            return New-Outcome -Outcome 'not-applicable' -Code 'no-regback'
        }
        if ($Mode -eq 'Detect') { return New-Outcome -Outcome 'nothing-to-do' -Code 'would-change' }
        Invoke-WithUndo -Disk $Disk -Body { Restore-Registry -Disk $Disk }
        New-Outcome -Outcome 'fixed' -Code 'regback-restored'
    }
}
