# Runs the bundled scripts, one case after another, with stand-ins for the cmdlets of Windows. $Cases: a JSON file
# [{ folder, script, parameters }]; each case's output goes to <folder>/output, its exit code to <folder>/exit.
param([string] $Cases)

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
    }
}
function Get-Partition {
    param($DiskNumber)
    foreach ($each in @(Get-Content -LiteralPath "$env:BM/disks/$DiskNumber/partitions.json" -Raw | ConvertFrom-Json)) {
        $each.DriveLetter = [char] $each.DriveLetter
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
function Start-Sleep { param($Seconds) }
function Get-StorageSetting { [pscustomobject]@{ NewDiskPolicy = (Get-Content -LiteralPath "$env:BM/policy" -Raw).Trim() } }
function Set-StorageSetting { param($NewDiskPolicy) if (-not (Test-Path "$env:BM/policy-fixed")) { Set-Content -LiteralPath "$env:BM/policy" -Value $NewDiskPolicy } }
function Get-MpPreference { [pscustomobject]@{ ExclusionPath = @(if (Test-Path "$env:BM/excluded") { Get-Content "$env:BM/excluded" }) } }
function Add-MpPreference { param($ExclusionPath) Add-Content -LiteralPath "$env:BM/excluded" -Value $ExclusionPath }
function Get-PSDrive {
    param($Name, $PSProvider)
    foreach ($line in @(Get-Content -LiteralPath "$env:BM/mounts")) {
        $letter, $folder = $line -split ' ', 2
        if (-not (Microsoft.PowerShell.Management\Get-PSDrive -Name $letter -ErrorAction SilentlyContinue)) {
            $null = New-PSDrive -Name $letter -PSProvider FileSystem -Root $folder -Scope Global
        }
    }
    if ($Name) { return [pscustomobject]@{ Name = $Name; Free = [long] (Get-Content -LiteralPath "$env:BM/free" -Raw) } }
    Microsoft.PowerShell.Management\Get-PSDrive -PSProvider FileSystem
}
Add-Type -TypeDefinition @'
namespace Bootmedic {
    public static class Volume {
        public static byte[] BootSector(string volume) {
            foreach (var line in System.IO.File.ReadAllLines(System.Environment.GetEnvironmentVariable("BM") + "/locked"))
                if (line.StartsWith(volume)) {
                    // What follows the name stands at byte 3; nothing: BitLocker.
                    var oem = line.Substring(volume.Length).Trim();
                    return System.Text.Encoding.ASCII.GetBytes("\u0000X\u0000" + (oem == "" ? "-FVE-FS-" : oem).PadRight(8) + new string(' ', 600));
                }
            return System.Text.Encoding.ASCII.GetBytes("\u0000X\u0000NTFS    " + new string(' ', 600));
        }
    }
}
'@

$stdout = [Console]::Out
foreach ($case in @(Get-Content -LiteralPath $Cases -Raw | ConvertFrom-Json)) {
    $env:BM = $case.folder
    $env:SystemRoot = "$($case.folder)/host"
    Microsoft.PowerShell.Management\Get-PSDrive -PSProvider FileSystem | Where-Object { $_.Name -match '^[A-Z]$' } | Remove-PSDrive -Force
    $null = Get-PSDrive
    $parameters = @{}
    foreach ($property in $case.parameters.PSObject.Properties) { $parameters[$property.Name] = $property.Value }
    $writer = New-Object System.IO.StringWriter
    [Console]::SetOut($writer)
    $global:LASTEXITCODE = 0
    try { & $case.script @parameters *> "$($case.folder)/stray" } catch { $writer.WriteLine("threw: $($_.Exception.Message)"); $global:LASTEXITCODE = 1 }
    [Console]::SetOut($stdout)
    Set-Content -LiteralPath "$($case.folder)/output-$($case.run)" -Value $writer.ToString()
    Set-Content -LiteralPath "$($case.folder)/exit-$($case.run)" -Value $LASTEXITCODE
}
