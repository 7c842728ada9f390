# ---------------------------------------------------------------------------------------------------------------------
# Backups: every file is copied to \bootmedic\<repair id>\ on the repair disk, and named in its manifest, before it is changed.
# The manifest is a line of JSON per event, each flushed to the disk: { n, script, volume, path, backup, sha256 } before the change
# (sha256 null = the file was not there), { n, after } when it is done, { n, reverted } when the bytes were put back.
# ---------------------------------------------------------------------------------------------------------------------

function Get-BackupFolder {
    # Of this repair, on the repair disk itself: it travels with the disk.
    param([hashtable] $Disk)
    "$($Disk.WindowsRoot)bootmedic\$RepairId"
}

function Get-Sha256 {
    # Lower-case hexadecimal; $null = no such file.
    param([string] $Path)
    if (-not (Test-Path -LiteralPath $Path -PathType Leaf)) { return $null }
    (Get-FileHash -LiteralPath $Path -Algorithm SHA256).Hash.ToLowerInvariant()
}

function Add-ManifestLine {
    # Appends one event and has it written through to the disk before anything else happens. A script that was cut off may have left
    # its last line torn: behind it, on the same line, this one could never be read.
    param([hashtable] $Disk, $Entry)
    $bytes = [System.Text.Encoding]::UTF8.GetBytes((ConvertTo-Json -InputObject $Entry -Compress) + "`n")
    $path = Get-NativePath -Path "$(Get-BackupFolder -Disk $Disk)\manifest.jsonl"
    $stream = New-Object -TypeName System.IO.FileStream -ArgumentList $path, 'OpenOrCreate', 'ReadWrite'
    try {
        if ($stream.Length -gt 0) {
            $null = $stream.Seek(-1, 'End')
            if ($stream.ReadByte() -ne 10) { $stream.WriteByte(10) }
        }
        $stream.Write($bytes, 0, $bytes.Length)
        $stream.Flush($true)
    }
    finally {
        $stream.Dispose()
    }
}

function Get-Manifest {
    # Entries with their `after` joined in; a torn line (a script was cut off) is left out.
    param([hashtable] $Disk)
    $path = "$(Get-BackupFolder -Disk $Disk)\manifest.jsonl"
    $entries = [ordered]@{}
    if (-not (Test-Path -LiteralPath $path -PathType Leaf)) { return }
    foreach ($line in @(Get-Content -LiteralPath $path -Encoding UTF8)) {
        try { $entry = ConvertFrom-Json -InputObject $line } catch { continue }
        # A line of zeros (its file grew, its bytes were never written) may be read as no object.
        if ($entry -isnot [System.Management.Automation.PSCustomObject]) { continue }
        if ($entry.PSObject.Properties.Name -contains 'path') {
            Add-Member -InputObject $entry -NotePropertyName 'closed' -NotePropertyValue $false
            Add-Member -InputObject $entry -NotePropertyName 'after' -NotePropertyValue $null
            Add-Member -InputObject $entry -NotePropertyName 'reverted' -NotePropertyValue $false
            $entries["$($entry.n)"] = $entry
        }
        elseif (-not $entries.Contains("$($entry.n)")) { continue }
        elseif ($entry.PSObject.Properties.Name -contains 'reverted') { $entries["$($entry.n)"].reverted = $true }
        else {
            $entries["$($entry.n)"].closed = $true
            $entries["$($entry.n)"].after = $entry.after
        }
    }
    $entries.Values
}

function Copy-WithRobocopy {
    # Backup semantics: reads and writes also what only TrustedInstaller may, keeps attributes. Exit codes below 8 are success.
    param([string] $From, [string] $To, [string] $Name)
    # A folder's last backslash would escape the quote around it; a root keeps it.
    $folders = @($From, $To | ForEach-Object { if ($_.Length -gt 3) { $_.TrimEnd('\') } else { $_ } })
    $copy = Invoke-Native -Tool 'robocopy' -Arguments @($folders[0], $folders[1], $Name, '/B', '/COPY:DAT', '/IS', '/IT', '/R:2', '/W:2', '/NP', '/NJH')
    $copy.ExitCode -lt 8
}

function Backup-File {
    # Call before the first change; answers the entry's number for Complete-Backup.
    param([hashtable] $Disk, [string] $Path)
    $folder = Get-BackupFolder -Disk $Disk
    Assert-NoLink -Path $folder
    Assert-NoLink -Path $Path
    if (-not (Test-Path -LiteralPath $folder -PathType Container)) {
        $null = New-Item -ItemType Directory -Path $folder -Force
        # Hives hold secrets, and the disk's users would inherit read access: only SYSTEM and Administrators, by their ids.
        $rights = Invoke-Native -Tool 'icacls' -Arguments @("$($Disk.WindowsRoot)bootmedic", '/inheritance:r', '/grant:r', '*S-1-5-18:(OI)(CI)F', '/grant:r', '*S-1-5-32-544:(OI)(CI)F')
        if ($rights.ExitCode -ne 0) { Stop-Script -Code 'backup-failed' -Message 'the backup folder cannot be closed to users' }
    }
    $number = @(Get-Manifest -Disk $Disk).Count + 1
    $volume = 'windows'
    $root = $Disk.WindowsRoot
    if ($Disk.BootRoot -and $Disk.BootRoot -ne $root -and $Path.StartsWith($Disk.BootRoot, [StringComparison]::OrdinalIgnoreCase)) {
        $volume = 'boot'
        $root = $Disk.BootRoot
    }
    $hash = Get-Sha256 -Path $Path
    $name = Split-Path -Path $Path -Leaf
    if ($hash) {
        $target = '{0}\{1:d4}' -f $folder, $number
        $null = New-Item -ItemType Directory -Path $target -Force
        $done = Copy-WithRobocopy -From (Split-Path -Path $Path -Parent) -To $target -Name $name
        if (-not $done -or (Get-Sha256 -Path "$target\$name") -ne $hash) {
            Stop-Script -Code 'backup-failed' -Message "$Path could not be backed up: nothing was changed"
        }
        Write-VolumeCache -DriveLetter $Disk.WindowsRoot.Substring(0, 1)
    }
    Add-ManifestLine -Disk $Disk -Entry ([ordered]@{
            n = $number; script = $script:Id; volume = $volume; path = $Path.Substring($root.Length); backup = ('{0:d4}\{1}' -f $number, $name); sha256 = $hash
        })
    # As Revert will look for it: nothing is changed whose way back cannot be read.
    $kept = @(Get-Manifest -Disk $Disk | Where-Object { [int] $_.n -eq $number -and $_.script -eq $script:Id -and $_.path -eq $Path.Substring($root.Length) -and $_.sha256 -eq $hash })
    if ($kept.Count -ne 1) { Stop-Script -Code 'backup-failed' -Message "the manifest does not name $Path`: nothing was changed" }
    $number
}

function Complete-Backup {
    # Call after the change: what the file is now, so that Revert can tell our bytes from later ones.
    param([hashtable] $Disk, [int[]] $Numbers)
    foreach ($entry in @(Get-Manifest -Disk $Disk)) {
        if ($Numbers -contains [int] $entry.n) {
            Add-ManifestLine -Disk $Disk -Entry ([ordered]@{ n = $entry.n; after = (Get-Sha256 -Path (Get-EntryPath -Disk $Disk -Entry $entry)) })
        }
    }
}

function Get-EntryPath {
    # Where the file of a manifest entry lies now: drive letters differ between runs.
    param([hashtable] $Disk, $Entry)
    if ($Entry.volume -eq 'boot') { return $Disk.BootRoot + $Entry.path }
    $Disk.WindowsRoot + $Entry.path
}

function Restore-File {
    # Byte for byte. A file that was changed after this script (a boot, another script) is nobody's to overwrite.
    # -Unfinished: only what a change that failed has left open.
    param([hashtable] $Disk, [switch] $Unfinished)
    $entries = @(Get-Manifest -Disk $Disk | Where-Object { $_.script -eq $script:Id -and -not $_.reverted -and -not ($Unfinished -and $_.closed) })
    if (@($entries | Where-Object { $_.volume -eq 'boot' }).Count -gt 0) { Find-BootPartition -Disk $Disk -WithoutStore }
    [array]::Reverse($entries)
    foreach ($entry in $entries) {
        $now = Get-Sha256 -Path (Get-EntryPath -Disk $Disk -Entry $entry)
        if ($entry.closed -and $now -ne $entry.after -and $now -ne $entry.sha256) {
            Stop-Script -Code 'changed-since' -Message "$($entry.path) was changed after this repair: nothing is put back"
        }
    }
    foreach ($entry in $entries) {
        $path = Get-EntryPath -Disk $Disk -Entry $entry
        Assert-NoLink -Path $path
        $now = Get-Sha256 -Path $path
        if ($now -ne $entry.sha256) { Restore-Entry -Disk $Disk -Entry $entry -Path $path -Now $now }
        Add-ManifestLine -Disk $Disk -Entry ([ordered]@{ n = $entry.n; reverted = $true })
    }
    if ($script:Actions.Count -eq 0) { return New-Outcome -Outcome 'nothing-to-do' -Code 'nothing-to-revert' }
    New-Outcome -Outcome 'reverted' -Code 'reverted'
}

function Restore-Entry {
    # Puts one file back and looks at the bytes again.
    param([hashtable] $Disk, $Entry, [string] $Path, $Now)
    if ($null -eq $Entry.sha256) { Remove-Item -LiteralPath $Path -Force }
    else {
        $backup = "$(Get-BackupFolder -Disk $Disk)\$($Entry.backup)"
        $null = Copy-WithRobocopy -From (Split-Path -Path $backup -Parent) -To (Split-Path -Path $Path -Parent) -Name (Split-Path -Path $Path -Leaf)
    }
    if ((Get-Sha256 -Path $Path) -ne $Entry.sha256) { Stop-Script -Code 'revert-failed' -Message "$($Entry.path) could not be put back" }
    Add-Action -What 'put back' -Target "\$($Entry.path)" -Before $Now -After $Entry.sha256 -Revertable $false
}

function Invoke-WithUndo {
    # A change that fails in its middle is taken back at once; the failure is then told as it was.
    param([hashtable] $Disk, [scriptblock] $Body)
    try {
        & $Body
    }
    catch {
        $problem = $_
        try { $null = Restore-File -Disk $Disk -Unfinished }
        catch { Add-Caution -Text "what was begun could not be taken back: $($_.Exception.Message)" }
        throw $problem
    }
}
