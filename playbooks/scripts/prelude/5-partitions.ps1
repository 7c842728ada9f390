# ---------------------------------------------------------------------------------------------------------------------
# Partitions: which holds Windows, which holds the boot files.
# ---------------------------------------------------------------------------------------------------------------------

$script:EfiSystem = '{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}'
# Partition types, GPT and MBR (42 hexadecimal = 66, 27 = 39): of dynamic disks; of the EFI system and the recovery environment.
$script:Dynamic = @('{5808c8aa-7e8f-42e0-85d2-e1e90434cfb3}', '{af9b60a0-1431-4f62-bc68-3311714a69ad}', '66')
$script:NotWindows = @($script:EfiSystem, '{de94bba4-06d1-4d40-a16a-bfd50179d6ac}', '39')

function Get-PartitionRoot {
    # 'F:\' of a partition; one without a letter is given one, which Close-RepairDisk takes back. '' = it holds no volume.
    param([hashtable] $Disk, $Partition)
    $letter = [string] $Partition.DriveLetter
    if ($letter -match '^[A-Za-z]$') { return "${letter}:\" }
    $volume = @($Partition.AccessPaths | Where-Object { $_ -like '\\?\Volume{*' })
    if ($volume.Count -eq 0) { return '' }
    foreach ($held in @($Disk.Letters.Keys)) {
        if ($Disk.Letters[$held] -eq $volume[0]) { return "${held}:\" }
    }
    $used = @(Get-PSDrive -PSProvider FileSystem | ForEach-Object { $_.Name }) + @(Get-Volume | ForEach-Object { [string] $_.DriveLetter })
    # mountvol mounts every volume, an EFI system partition too, for which Set-Partition is refused.
    $free = @('S', 'T', 'U', 'V', 'W', 'X', 'Y', 'Z', 'R', 'Q', 'P', 'O', 'N', 'M' | Where-Object { $used -notcontains $_ })
    if ($free.Count -eq 0) { Stop-Script -Code 'no-drive-letter' -Message 'the repair VM has no free drive letter' }
    $mount = Invoke-Native -Tool 'mountvol' -Arguments @("$($free[0]):", $volume[0])
    if ($mount.ExitCode -ne 0) { return '' }
    $Disk.Letters[$free[0]] = $volume[0]
    # A new drive is seen by this PowerShell only after it has been asked for.
    $null = Get-PSDrive -Name $free[0] -ErrorAction SilentlyContinue
    if (-not (Test-Path -LiteralPath "$($free[0]):\")) { return '' }
    "$($free[0]):\"
}

function Find-WindowsPartition {
    # The one with \Windows\System32\config\SYSTEM. The volumes of a disk that just came online appear after some seconds.
    param([hashtable] $Disk)
    for ($try = 1; $try -le 4; $try++) {
        if ($try -gt 1) {
            Start-Sleep -Seconds 5
            Update-HostStorageCache
        }
        $seen = Search-Windows -Disk $Disk
        if ($seen.Roots.Count -gt 0) { break }
    }
    if ($seen.Roots.Count -eq 1) { return $seen.Roots[0] }
    if ($seen.Roots.Count -gt 1) {
        Stop-Script -Code 'windows-ambiguous' -Message "$($seen.Roots.Count) partitions hold a Windows: $($seen.Roots -join ' ')"
    }
    if ($seen.Systems -contains 'bitlocker') {
        Add-Finding -Id 'bitlocker' -Confidence 'certain' -Evidence 'a partition is locked by BitLocker'
        Stop-Script -Code 'bitlocker-locked' -Message 'the Windows partition is locked by BitLocker'
    }
    if ($seen.Dynamic) { Stop-Script -Code 'disk-dynamic' -Message 'the disk is a dynamic disk: its volumes are not partitions' }
    if ($seen.Systems -contains 'refs') { Stop-Script -Code 'file-system-refs' -Message 'the partition is ReFS, from which Windows does not boot' }
    if ($seen.Systems -contains 'unreadable') { Stop-Script -Code 'file-system-unreadable' -Message 'a partition holds no file system that can be read' }
    Stop-Script -Code 'windows-not-found' -Message "none of $($seen.Count) partitions has \Windows\System32\config\SYSTEM"
}

function Search-Windows {
    # One pass over the partitions: { Count, Roots, Systems (of partitions without a Windows), Dynamic }.
    param([hashtable] $Disk)
    $seen = [pscustomobject]@{ Count = 0; Roots = @(); Systems = @(); Dynamic = $false }
    foreach ($partition in @(Get-Partition -DiskNumber $Disk.Number -ErrorAction SilentlyContinue)) {
        $seen.Count++
        $type = "$($partition.GptType)$($partition.MbrType)"
        if ($script:Dynamic -contains $type) { $seen.Dynamic = $true }
        if ($script:NotWindows -contains $type) { continue }
        $root = Get-PartitionRoot -Disk $Disk -Partition $partition
        if (-not $root) { continue }
        if (Test-Path -LiteralPath "${root}Windows\System32\config\SYSTEM" -PathType Leaf) { $seen.Roots += $root }
        else { $seen.Systems += (Get-FileSystemKind -Partition $partition) }
    }
    $seen
}

function Get-FileSystemKind {
    # 'ntfs', 'fat', 'bitlocker', 'refs', 'unreadable', or 'unknown' where the boot sector itself cannot be read. The boot sector names it, at byte 3;
    # BitLocker also where the repair VM lacks that feature.
    param($Partition)
    $volume = @($Partition.AccessPaths | Where-Object { $_ -like '\\?\Volume{*' })
    if ($volume.Count -eq 0) { return 'unknown' }
    if (-not ('Bootmedic.Volume' -as [type])) {
        # .NET's own File.Open refuses device paths.
        Add-Type -TypeDefinition @'
using System; using System.IO; using System.Runtime.InteropServices; using Microsoft.Win32.SafeHandles;
namespace Bootmedic {
    public static class Volume {
        [DllImport("kernel32.dll", CharSet = CharSet.Unicode, SetLastError = true)]
        static extern SafeFileHandle CreateFile(string name, uint access, uint share, IntPtr security, uint creation, uint flags, IntPtr template);
        public static byte[] BootSector(string volume) {
            using (var handle = CreateFile(volume.TrimEnd('\\'), 0x80000000, 3, IntPtr.Zero, 3, 0, IntPtr.Zero)) {
                if (handle.IsInvalid) return new byte[0];
                using (var stream = new FileStream(handle, FileAccess.Read, 4096)) {
                    var sector = new byte[4096];
                    return stream.Read(sector, 0, sector.Length) < 512 ? new byte[0] : sector;
                }
            }
        }
    }
}
'@
    }
    try { $sector = [Bootmedic.Volume]::BootSector($volume[0]) } catch { return 'unknown' }
    if ($sector.Length -lt 512) { return 'unknown' }
    $ascii = [System.Text.Encoding]::ASCII
    switch -Wildcard ($ascii.GetString($sector, 3, 8)) {
        '-FVE-FS-' { return 'bitlocker' }
        'NTFS    ' { return 'ntfs' }
        'ReFS*' { return 'refs' }
    }
    # FAT12 and FAT16 say so at byte 54, FAT32 at byte 82.
    if ($ascii.GetString($sector, 54, 3) -eq 'FAT' -or $ascii.GetString($sector, 82, 5) -eq 'FAT32') { return 'fat' }
    'unreadable'
}

function Find-BootPartition {
    # Generation 1: \Boot\BCD on the active partition. Generation 2: \EFI\Microsoft\Boot\BCD on the EFI system partition.
    # Always on the repair disk itself, never on the repair VM's own. -WithoutStore: also where its BCD is missing.
    param([hashtable] $Disk, [switch] $WithoutStore)
    $gpt = $Disk.Identity.StartsWith('gpt:')
    foreach ($partition in @(Get-Partition -DiskNumber $Disk.Number)) {
        if ($gpt -and "$($partition.GptType)" -ne $script:EfiSystem) { continue }
        if (-not $gpt -and -not $partition.IsActive) { continue }
        $root = Get-PartitionRoot -Disk $Disk -Partition $partition
        $store = "${root}Boot\BCD"
        if ($gpt) { $store = "${root}EFI\Microsoft\Boot\BCD" }
        if ($root -and ($WithoutStore -or (Test-Path -LiteralPath $store -PathType Leaf))) {
            $Disk.BootRoot = $root
            $Disk.Store = $store
            $Disk.Generation = 'V1'
            if ($gpt) { $Disk.Generation = 'V2' }
            return
        }
    }
    Stop-Script -Code 'boot-partition-not-found' -Message 'no active or EFI system partition of the disk holds a BCD'
}

function Assert-NoLink {
    # A link on the repair disk points into the repair VM's own files: nothing behind one is loaded, copied, changed or uploaded.
    param([string] $Path)
    while ($Path.Length -gt 3) {
        $item = Get-Item -LiteralPath $Path -Force -ErrorAction SilentlyContinue
        if ($item -and @('SymbolicLink', 'Junction') -contains "$($item.LinkType)") {
            Stop-Script -Code 'link-on-disk' -Message "$Path is a link"
        }
        $Path = Split-Path -Path $Path -Parent
    }
}

function Test-RansomNote {
    # A note of an extortionist stops everything: the disk is evidence now.
    param([hashtable] $Disk)
    $names = '^(_readme\.txt|.*(how|instructions?)[ _-]*to[ _-]*(decrypt|recover|restore|unlock|back[ _-]*(up)?)[ _-]*(your|my|all)?[ _-]*files?.*|.*(decrypt|restore|recover|unlock)[ _-]*(your|my|all)[ _-]*(files?|data).*|.*files?[ _-]*(are|were|have been)[ _-]*encrypted.*|help[ _-]*decrypt.*|recover-.+-files|ryukreadme|conti_readme|@please_read_me@)(\.(txt|html?|hta|bmp|rtf))?$'
    $root = $Disk.WindowsRoot
    $folders = @($root, "${root}Users\Public\Desktop", "${root}Users\Public\Documents")
    $folders += @(Get-ChildItem -LiteralPath "${root}Users" -Directory -ErrorAction SilentlyContinue |
            Where-Object { -not ($_.Attributes -band [System.IO.FileAttributes]::ReparsePoint) } | ForEach-Object { "${root}Users\$($_.Name)\Desktop" })
    foreach ($folder in $folders) {
        foreach ($file in @(Get-ChildItem -LiteralPath $folder -File -Force -ErrorAction SilentlyContinue)) {
            if ($file.Extension -match '^\.(txt|html?|hta|bmp|rtf)$' -and $file.Name -match $names) {
                Add-Finding -Id 'ransom-note' -Confidence 'likely' -Evidence (($folder.Substring($root.Length - 1).TrimEnd('\')) + '\' + $file.Name)
                Stop-Script -Code 'ransom-note' -Message 'a file looks like a ransom note: nothing is changed, the disk is evidence'
            }
        }
    }
}
