# Stand-ins for the cmdlets of Windows, on the folder $env:BM (world.ts makes one): what they answer is what stands there, and what they change
# is changed there. Loaded before a script, which then finds them as it would find Windows' own.

function Get-DiskFile($Number, $Name) { (Get-Content -LiteralPath "$env:BM/disks/$Number/$Name" -Raw).Trim() }
function Get-Disk {
    param($Number)
    foreach ($folder in Microsoft.PowerShell.Management\Get-ChildItem -LiteralPath "$env:BM/disks" | Sort-Object Name) {
        $n = [int] $folder.Name
        if ($null -ne $Number -and $n -ne $Number) { continue }
        $id = Get-DiskFile $n 'id'
        $guid = $null; $signature = $null
        if ($id.Length -gt 8) { $guid = "{$id}" } else { $signature = [Convert]::ToUInt32($id, 16) }
        [pscustomobject]@{
            Number = $n; Guid = $guid; Signature = $signature; IsBoot = ((Get-DiskFile $n 'boot') -eq '1'); IsSystem = $false
            IsOffline = ((Get-DiskFile $n 'offline') -eq '1'); IsReadOnly = ((Get-DiskFile $n 'readonly') -eq '1')
        }
    }
}
function Set-Disk {
    param($Number, $IsOffline, $IsReadOnly)
    Add-Content -LiteralPath "$env:BM/calls" -Value "Set-Disk $Number offline=$IsOffline readonly=$IsReadOnly"
    if ($null -ne $IsReadOnly) { Set-Content -LiteralPath "$env:BM/disks/$Number/readonly" -Value ([int] $IsReadOnly) }
    if ($null -ne $IsOffline) {
        Set-Content -LiteralPath "$env:BM/disks/$Number/offline" -Value ([int] $IsOffline)
        # A disk with the id of another one that is online gets a new id.
        $same = @(Get-Disk | Where-Object { $_.Number -ne $Number -and -not $_.IsOffline -and ((Get-DiskFile $_.Number 'id') -eq (Get-DiskFile $Number 'id')) })
        if (-not $IsOffline -and $same.Count -gt 0) {
            $id = '0badf00d'
            if ((Get-DiskFile $Number 'id').Length -gt 8) { $id = [guid]::NewGuid().ToString('D') }
            Set-Content -LiteralPath "$env:BM/disks/$Number/id" -Value $id
        }
        Set-DriveLetter -Number $Number -IsOffline $IsOffline
    }
}
function Set-DriveLetter {
    # The letters of a disk's partitions are there while it is online.
    param($Number, $IsOffline)
    $places = @{}
    foreach ($line in @(Get-Content -LiteralPath "$env:BM/volumes-by-name")) { $name, $folder = $line -split ' ', 2; $places[$name] = $folder }
    $own = @(foreach ($each in @(Read-Partition $Number)) { foreach ($name in @($each.AccessPaths)) { if ($name) { $places[$name] } } })
    $gone = @(); $kept = @()
    foreach ($line in @(Get-Content -LiteralPath "$env:BM/mounts" | Where-Object { $_ })) {
        if ($own -contains ($line -split ' ', 2)[1]) { $gone += ($line -split ' ', 2)[0] } else { $kept += $line }
    }
    foreach ($letter in $gone) { Remove-PSDrive -Name $letter -Scope Global -Force -ErrorAction SilentlyContinue }
    if (-not $IsOffline) {
        foreach ($each in @(Read-Partition $Number)) { if ($each.DriveLetter -ne [char] 0) { $kept += "$($each.DriveLetter) $($places[@($each.AccessPaths)[0]])" } }
    }
    Set-Content -LiteralPath "$env:BM/mounts" -Value $kept
    $null = Get-PSDrive
}
function Read-Partition($Number) {
    foreach ($each in @(Get-Content -LiteralPath "$env:BM/disks/$Number/partitions.json" -Raw | ConvertFrom-Json)) {
        $each.DriveLetter = [char] $each.DriveLetter
        $each
    }
}
function Get-Partition {
    param($DiskNumber)
    $offline = (Get-DiskFile $DiskNumber 'offline') -eq '1'
    foreach ($each in @(Read-Partition $DiskNumber)) {
        if ($offline) { $each.DriveLetter = [char] 0 }
        $each
    }
}
function Get-CimInstance {
    param($ClassName, $Namespace)
    if ($ClassName -eq 'Win32_Volume') {
        foreach ($line in @(Get-Content -LiteralPath "$env:BM/mounts" | Where-Object { $_ })) {
            $letter, $folder = $line -split ' ', 2
            $mark = "$env:BM/volumes-dirty/$(Split-Path -Path $folder -Leaf)"
            [pscustomobject]@{ DriveLetter = "${letter}:"; DirtyBitSet = ((Test-Path -LiteralPath $mark) -and (Get-Content -LiteralPath $mark -Raw).Trim() -eq '1') }
        }
    }
    if ($ClassName -eq 'Win32_DiskDrive') { Get-Content -LiteralPath "$env:BM/drives.json" -Raw | ConvertFrom-Json }
}
function Update-HostStorageCache { }
function Get-Volume { }
function Write-VolumeCache { param($DriveLetter) Add-Content -LiteralPath "$env:BM/calls" -Value "Write-VolumeCache $DriveLetter" }
function Start-Sleep {
    # Nobody waits here: the sleep is counted, and one that the machine's agent would not wait out ends the script as the agent does.
    param([double] $Seconds, [double] $Milliseconds)
    Add-Content -LiteralPath "$env:BM/slept" -Value ([string]::Format([System.Globalization.CultureInfo]::InvariantCulture, '{0}', ($Seconds + $Milliseconds / 1000)))
    if (-not $env:BM_SECONDS) { return }
    $slept = 0.0
    foreach ($line in [IO.File]::ReadAllLines("$env:BM/slept")) { if ($line) { $slept += [double]::Parse($line, [System.Globalization.CultureInfo]::InvariantCulture) } }
    if ($slept -gt [double] $env:BM_SECONDS) { [System.Diagnostics.Process]::GetCurrentProcess().Kill() }
}
function Get-StorageSetting { [pscustomobject]@{ NewDiskPolicy = (Get-Content -LiteralPath "$env:BM/policy" -Raw).Trim() } }
function Set-StorageSetting { param($NewDiskPolicy) if (-not (Test-Path "$env:BM/policy-fixed")) { Set-Content -LiteralPath "$env:BM/policy" -Value $NewDiskPolicy } }
function Get-MpPreference { [pscustomobject]@{ ExclusionPath = @(if (Test-Path "$env:BM/excluded") { Get-Content "$env:BM/excluded" }) } }
function Add-MpPreference { param($ExclusionPath) Add-Content -LiteralPath "$env:BM/excluded" -Value $ExclusionPath }
function Get-PSDrive {
    # Advanced, so that -ErrorAction is its own.
    [CmdletBinding()] param($Name, $PSProvider)
    foreach ($line in @(Get-Content -LiteralPath "$env:BM/mounts")) {
        $letter, $folder = $line -split ' ', 2
        if (-not (Microsoft.PowerShell.Management\Get-PSDrive -Name $letter -ErrorAction SilentlyContinue)) {
            $null = New-PSDrive -Name $letter -PSProvider FileSystem -Root $folder -Scope Global
        }
    }
    if ($Name) {
        $folder = Get-Content -LiteralPath "$env:BM/mounts" | Where-Object { $_ -like "$Name *" } | ForEach-Object { ($_ -split ' ', 2)[1] } | Select-Object -First 1
        if (-not $folder) { return Write-Error "Cannot find drive. A drive with the name '$Name' does not exist." }
        $free = "$env:BM/free-$(Split-Path -Path "$folder" -Leaf)"
        if (-not (Test-Path -LiteralPath $free)) { $free = "$env:BM/free" }
        return [pscustomobject]@{ Name = $Name; Free = [long] (Get-Content -LiteralPath $free -Raw) }
    }
    Microsoft.PowerShell.Management\Get-PSDrive -PSProvider FileSystem
}
# A script asks for the type [Bootmedic.Volume] and compiles its own only where there is none. A class and a name for it: to compile C# takes a
# second of each start.
class BootmedicVolume {
    static [byte[]] BootSector([string] $Volume) {
        $oem = 'NTFS'
        foreach ($line in [IO.File]::ReadAllLines("$env:BM/locked")) {
            if (-not $line.StartsWith($Volume)) { continue }
            # What follows the name stands at byte 3; nothing: BitLocker.
            $oem = $line.Substring($Volume.Length).Trim()
            if ($oem -eq '') { $oem = '-FVE-FS-' }
            break
        }
        return [Text.Encoding]::ASCII.GetBytes("`0X`0" + $oem.PadRight(8) + (' ' * 600))
    }
}
[psobject].Assembly.GetType('System.Management.Automation.TypeAccelerators')::Add('Bootmedic.Volume', [BootmedicVolume])

# The drives that are there when a script begins.
$null = Get-PSDrive
