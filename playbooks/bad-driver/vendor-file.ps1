# bootmedic: id=vendor-file; safety=consent; origin=derived
# writes: the vendor's content file that is known to stop every boot is moved into the backup folder
# undone by: Revert: the file, byte for byte
# Quarantines the content file that the blamed driver is known to crash on: a file of the table below, of that very time, or of an operator's rule, which
# names the vendor's folder, the files and what of them is bad. Never the driver itself, and never a file that came with Windows.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId,
    [AllowEmptyString()] [ValidatePattern('^$|^[A-Za-z0-9_.-]{1,60}\.sys$')] [string] $Driver = '',
    [AllowEmptyString()] [ValidatePattern('^$|^[A-Za-z0-9_-][A-Za-z0-9_ -]{1,58}[A-Za-z0-9_-]$')] [string] $Folder = '',
    [AllowEmptyString()] [ValidatePattern('^$|^[A-Za-z0-9_.*-]{4,60}$')] [string] $Files = '',
    [AllowEmptyString()] [ValidatePattern('^$|^[0-9]{14}$')] [string] $FromUtc = '',
    [AllowEmptyString()] [ValidatePattern('^$|^[0-9]{14}$')] [string] $UntilUtc = '',
    [AllowEmptyString()] [ValidatePattern('^$|^[0-9a-f]{64}$')] [string] $Sha256 = '',
    [AllowEmptyString()] [ValidatePattern('^$|^[0-9]{1,12}$')] [string] $Bytes = ''
)

# By driver: where its vendor's content lies, and what of it was bad. CrowdStrike, July 2024: a channel file 291 of 04:09 UTC crashes csagent.sys,
# one of 05:27 UTC or later does not.
$known = @{
    'csagent.sys' = @{ Folder = 'Windows\System32\drivers\CrowdStrike'; Files = 'C-00000291*.sys'; From = '20240719040000'; Until = '20240719052700'; Sha256 = ''; Bytes = '' }
}

# The operator's where there is one, else what is known of the driver; $null = neither.
$rule = $null
if ($Folder) { $rule = @{ Folder = "Windows\System32\drivers\$Folder"; Files = $Files; From = $FromUtc; Until = $UntilUtc; Sha256 = $Sha256; Bytes = $Bytes } }
elseif ($known.ContainsKey($Driver)) { $rule = $known[$Driver] }

function ConvertTo-Utc {
    # Of a rule's times: yyyyMMddHHmmss.
    param([string] $Text)
    [DateTime]::ParseExact($Text, 'yyyyMMddHHmmss', [System.Globalization.CultureInfo]::InvariantCulture, 'AdjustToUniversal, AssumeUniversal')
}

function Test-BadFile {
    # All that the rule says of a bad file; a rule that says nothing fits none.
    param($File, [string] $Path, [hashtable] $Rule)
    if (-not ($Rule.From -or $Rule.Until -or $Rule.Sha256 -or $Rule.Bytes)) { return $false }
    if ($Rule.From -and $File.LastWriteTimeUtc -lt (ConvertTo-Utc -Text $Rule.From)) { return $false }
    if ($Rule.Until -and $File.LastWriteTimeUtc -ge (ConvertTo-Utc -Text $Rule.Until)) { return $false }
    if ($Rule.Bytes -and "$($File.Length)" -ne $Rule.Bytes) { return $false }
    if ($Rule.Sha256 -and (Get-Sha256 -Path $Path) -ne $Rule.Sha256) { return $false }
    $true
}

function Find-BadFile {
    # Full paths, and a word about those that are not bad.
    param([hashtable] $Disk, [hashtable] $Rule, [string[]] $Store)
    $place = "$($Disk.WindowsRoot)$($Rule.Folder)"
    Assert-NoLink -Path $place
    foreach ($file in @(Get-ChildItem -LiteralPath $place -File -Force -ErrorAction SilentlyContinue | Where-Object { $_.Name -like $Rule.Files -and $_.Name -ne $Driver } | Sort-Object -Property Name)) {
        $path = "$place\$($file.Name)"
        $time = $file.LastWriteTimeUtc
        Add-Finding -Id 'vendor-file' -Confidence 'certain' -Evidence "\$($Rule.Folder)\$($file.Name) of $($time.ToString('yyyy-MM-ddTHH:mm:ssZ', [System.Globalization.CultureInfo]::InvariantCulture))"
        if (-not (Test-BadFile -File $file -Path $path -Rule $Rule)) { continue }
        if (Test-OwnFile -Store $Store -Name $file.Name) { Add-Finding -Id 'own-file' -Confidence 'certain' -Evidence "$($file.Name) came with Windows" }
        else { $path }
    }
}

Invoke-Script -Name 'vendor-file' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return Restore-File -Disk $Disk }
        if (-not $Driver -or $null -eq $rule) { return New-Outcome -Outcome 'not-applicable' -Code 'no-known-file' }
        $store = @(Get-ComponentFolder -Disk $Disk)
        if ($store.Count -eq 0) { return New-Outcome -Outcome 'not-applicable' -Code 'store-unreadable' }
        $bad = @(Find-BadFile -Disk $Disk -Rule $rule -Store $store)
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
