# bootmedic: id=offline-sfc; safety=auto_with_snapshot; origin=doc
# writes: corrupt system files
# undone by: Revert: each replaced file, byte for byte
# System File Checker on the offline Windows: look first, back up what is corrupt, repair, look again.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId
)

# More than a damaged disk has; each is copied before anything is repaired.
$script:MaxFiles = 500

function Invoke-Sfc {
    # Answers the corrupt files of one pass, as paths below the volume or as names where the log gives no path. Decided by SFC's own log, whose
    # [SR] lines are English in every language; a pass whose log has no "Verify complete" has not taken place, whatever SFC printed.
    # The boot folder is the repair disk's own (Microsoft's older text names the repair VM's: its later one corrects that).
    param([hashtable] $Disk, [string] $Verb)
    Write-Step -Text "sfc $Verb"
    $folder = New-TemporaryFolder
    $log = Join-Path -Path $folder -ChildPath 'sfc.log'
    try {
        # Proven by the log: SFC's exit code says little.
        $null = Invoke-Native -Tool 'sfc' -Arguments @($Verb, "/offbootdir=$($Disk.BootRoot)", "/offwindir=$($Disk.WindowsRoot)Windows", "/offlogfile=$log")
        $lines = @()
        if (Test-Path -LiteralPath $log -PathType Leaf) { $lines = @(Get-Content -LiteralPath $log | ForEach-Object { $_.Replace("`0", '') }) }
    }
    finally {
        Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction SilentlyContinue
    }
    if (@($lines | Where-Object { $_ -match '\[SR\] Verify complete' }).Count -eq 0) {
        Stop-Script -Code 'sfc-did-not-run' -Message "sfc $Verb left no log of a finished pass"
    }
    foreach ($line in $lines) { if ($line -match '\[SR\] (Repairing|Cannot|Could not)') { Write-Line -Text $line } }
    @(Select-CorruptFile -Lines $lines)
}

function Select-CorruptFile {
    # Lines such as
    #   [SR] Repairing corrupted file [l:34 ml:48]"\??\F:\Windows\System32"\[l:12]"winlogon.exe" from store
    #   [SR] Repairing corrupted file \??\F:\Windows\System32\winlogon.exe from store
    #   [SR] Cannot repair member file [l:12]'winlogon.exe' of Microsoft-Windows-Winlogon, version 10.0...
    param([string[]] $Lines)
    $found = @()
    foreach ($line in $Lines) {
        if ($line -notmatch '\[SR\] (?:Repairing corrupted file|Cannot repair member file|Could not reproject corrupted file) (.+)$') { continue }
        $text = $Matches[1] -replace '["'']\\?\[[^\]]*\]["'']', '\' -replace '\[[^\]]*\]', '' -replace '["'']', ''
        $text = $text -replace ',? (from store|of|;).*$', '' -replace '^\\?\\?\?\?\\', '' -replace '^[A-Za-z]:', '' -replace '\\{2,}', '\'
        $found += $text.Trim()
    }
    # A file is named with its path in one line and without it in another.
    $paths = @($found | Where-Object { $_.StartsWith('\') } | Sort-Object -Unique)
    $names = @($paths | ForEach-Object { $_.Substring($_.LastIndexOf('\') + 1) })
    $paths + @($found | Where-Object { -not $_.StartsWith('\') -and $names -notcontains $_ } | Sort-Object -Unique)
}

function Find-FileByName {
    # Every file of these names where Windows keeps its own, as full paths: SFC names some corrupt files without their folder. More than the one that
    # is meant are found; a backup of a file that does not change costs nothing but room. The component store is SFC's source, not its target.
    param([hashtable] $Disk, [string[]] $Names)
    if ($Names.Count -eq 0) { return }
    Write-Step -Text "looking for $($Names.Count) files by name"
    $folders = New-Object -TypeName System.Collections.Stack
    foreach ($folder in 'Windows', 'Program Files', 'Program Files (x86)') { $folders.Push("$($Disk.WindowsRoot)$folder") }
    while ($folders.Count -gt 0) {
        $at = $folders.Pop()
        foreach ($item in @(Get-ChildItem -LiteralPath $at -Force -ErrorAction SilentlyContinue)) {
            # Behind a link lies another place.
            if ($item.Attributes -band [System.IO.FileAttributes]::ReparsePoint) { continue }
            if (-not $item.PSIsContainer) { if ($Names -contains $item.Name) { "$at\$($item.Name)" } }
            elseif ("$at\$($item.Name)" -ne "$($Disk.WindowsRoot)Windows\WinSxS") { $folders.Push("$at\$($item.Name)") }
        }
    }
}

function Repair-CorruptFile {
    # Backs up all that SFC may replace, has it repair, and tells what became other. Only what was backed up is called revertable.
    param([hashtable] $Disk, [string[]] $Corrupt)
    $root = $Disk.WindowsRoot.TrimEnd('\')
    $names = @($Corrupt | Where-Object { -not $_.StartsWith('\') })
    $files = @(@($Corrupt | Where-Object { $_.StartsWith('\') } | ForEach-Object { $root + $_ }) + @(Find-FileByName -Disk $Disk -Names $names) | Sort-Object -Unique)
    if ($files.Count -gt $script:MaxFiles) { Stop-Script -Code 'too-many-files' -Message "$($files.Count) files may be replaced: nothing was changed" }
    $before = @($files | ForEach-Object { Get-Sha256 -Path $_ })
    $numbers = @($files | ForEach-Object { Backup-File -Disk $Disk -Path $_ })
    $said = @(Invoke-Sfc -Disk $Disk -Verb '/scannow')
    Complete-Backup -Disk $Disk -Numbers $numbers
    $backed = @($files | ForEach-Object { $_.Substring($root.Length) })
    for ($i = 0; $i -lt $files.Count; $i++) {
        $after = Get-Sha256 -Path $files[$i]
        if ($after -eq $before[$i]) { continue }
        Add-Action -What 'repaired a system file' -Target $backed[$i] -Before $before[$i] -After $after -Revertable $true
    }
    # What only the repairing pass found, and names of which no file was there to back up: replaced or put there, with no way back.
    $paths = @($backed) + @($said | Where-Object { $_.StartsWith('\') } | Sort-Object -Unique)
    $placed = @($paths | ForEach-Object { $_.Substring($_.LastIndexOf('\') + 1) })
    $unkept = @($paths | Where-Object { $backed -notcontains $_ }) + @(@($names) + $said | Where-Object { -not $_.StartsWith('\') -and $placed -notcontains $_ } | Sort-Object -Unique)
    foreach ($file in $unkept) { Add-Action -What 'may have repaired a system file' -Target $file -Before $null -After $null -Revertable $false }
}

function Add-CorruptFile {
    # Names ten at most: the result line is short.
    param([string[]] $Files)
    foreach ($file in @($Files | Select-Object -First 10)) { Add-Finding -Id 'corrupt-file' -Confidence 'certain' -Evidence $file }
    if ($Files.Count -gt 10) { Add-Caution -Text "$($Files.Count) files are corrupt, ten are named" }
}

Invoke-Script -Name 'offline-sfc' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return Restore-File -Disk $Disk }
        Find-BootPartition -Disk $Disk
        if (Test-Path -LiteralPath "$($Disk.WindowsRoot)Windows\WinSxS\pending.xml" -PathType Leaf) {
            Add-Finding -Id 'pending-servicing' -Confidence 'certain' -Evidence 'WinSxS\pending.xml'
            Stop-Script -Code 'servicing-pending' -Message 'SFC refuses while a servicing operation is pending'
        }
        $corrupt = @(Invoke-Sfc -Disk $Disk -Verb '/verifyonly')
        if ($corrupt.Count -eq 0) { return New-Outcome -Outcome 'nothing-to-do' -Code 'clean' }
        Add-CorruptFile -Files $corrupt
        if ($Mode -eq 'Detect') { return New-Outcome -Outcome 'nothing-to-do' -Code 'would-change' }

        Repair-CorruptFile -Disk $Disk -Corrupt $corrupt
        $left = @(Invoke-Sfc -Disk $Disk -Verb '/verifyonly')
        if ($left.Count -gt 0) {
            Stop-Script -Code 'files-not-repaired' -Message "still corrupt after SFC: $(@($left | Select-Object -First 5) -join ', ')"
        }
        New-Outcome -Outcome 'fixed' -Code 'files-repaired'
    }
}
