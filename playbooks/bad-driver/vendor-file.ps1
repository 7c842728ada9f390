# bootmedic: id=vendor-file; safety=consent; origin=derived
# writes: the vendor's content file that is known to stop every boot is moved into the backup folder
# undone by: Revert: the file, byte for byte
# Quarantines the content file that the blamed driver is known to crash on. Only files of the table below, of that very time; the driver stays on.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId,
    [AllowEmptyString()] [ValidatePattern('^$|^[A-Za-z0-9_.-]{1,60}\.sys$')] [string] $Driver = ''
)

# By driver: where its vendor's content lies, and what of it was bad. CrowdStrike, July 2024: a channel file 291 of 04:09 UTC crashes csagent.sys,
# one of 05:27 UTC or later does not.
$known = @{
    'csagent.sys' = @{ Folder = 'Windows\System32\drivers\CrowdStrike'; Files = 'C-00000291*.sys'; From = '2024-07-19T04:00:00Z'; Until = '2024-07-19T05:27:00Z' }
}

function ConvertTo-Utc {
    # Of the table's times.
    param([string] $Text)
    [DateTime]::Parse($Text, [System.Globalization.CultureInfo]::InvariantCulture, 'AdjustToUniversal, AssumeUniversal')
}

function Find-BadFile {
    # Full paths, and a word about those of another time.
    param([hashtable] $Disk, [hashtable] $Rule)
    $folder = "$($Disk.WindowsRoot)$($Rule.Folder)"
    Assert-NoLink -Path $folder
    foreach ($file in @(Get-ChildItem -LiteralPath $folder -Filter $Rule.Files -File -Force -ErrorAction SilentlyContinue | Sort-Object -Property Name)) {
        $path = "$folder\$($file.Name)"
        $time = $file.LastWriteTimeUtc
        Add-Finding -Id 'vendor-file' -Confidence 'certain' -Evidence "\$($Rule.Folder)\$($file.Name) of $($time.ToString('yyyy-MM-ddTHH:mm:ssZ', [System.Globalization.CultureInfo]::InvariantCulture))"
        if ($time -ge (ConvertTo-Utc -Text $Rule.From) -and $time -lt (ConvertTo-Utc -Text $Rule.Until)) { $path }
    }
}

Invoke-Script -Name 'vendor-file' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return Restore-File -Disk $Disk }
        if (-not $known.ContainsKey($Driver)) { return New-Outcome -Outcome 'not-applicable' -Code 'no-known-file' }
        $bad = @(Find-BadFile -Disk $Disk -Rule $known[$Driver])
        if ($bad.Count -eq 0) { return New-Outcome -Outcome 'nothing-to-do' -Code 'no-bad-file' }
        if ($Mode -eq 'Detect') { return New-Outcome -Outcome 'nothing-to-do' -Code 'would-change' }
        $hashes = @($bad | ForEach-Object { Get-Sha256 -Path $_ })
        Invoke-WithUndo -Disk $Disk -Body {
            $numbers = @(foreach ($path in $bad) {
                    Backup-File -Disk $Disk -Path $path
                    Remove-Item -LiteralPath $path -Force
                    if (Test-Path -LiteralPath $path) { Stop-Script -Code 'file-not-moved' -Message "$path could not be moved" }
                })
            Complete-Backup -Disk $Disk -Numbers $numbers
        }
        for ($n = 0; $n -lt $bad.Count; $n++) {
            Add-Action -What 'quarantined a file' -Target "\$($bad[$n].Substring($Disk.WindowsRoot.Length))" -Before $hashes[$n] -After $null -Revertable $true
        }
        New-Outcome -Outcome 'fixed' -Code 'file-quarantined'
    }
}
