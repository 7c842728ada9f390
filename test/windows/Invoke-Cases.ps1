# Runs on a Windows machine only (the workflow windows-scripts): makes a virtual disk with a small offline Windows, breaks it, and runs the scripts
# on it as Run Command would: Windows PowerShell 5.1, the disk offline, found by its LUN. Exit code 1 when a script ends otherwise than expected.
param([string] $Scripts, [ValidateSet('V1', 'V2')] [string] $Generation, [string] $Transcripts)
Set-StrictMode -Version 3
$ErrorActionPreference = 'Stop'
$null = New-Item -ItemType Directory -Path $Transcripts -Force
$vhd = Join-Path -Path $env:TEMP -ChildPath 'bootmedic-case.vhdx'
$wrong = 0
# Offset of the partition that a letter stands for: a disk that was offline may come back with other letters.
$offsets = @{}

function Invoke-Tool {
    # A tool that makes or breaks the disk must work: its exit code is looked at here.
    param([string] $File, [string[]] $Arguments)
    & $File @Arguments
    if ($LASTEXITCODE -ne 0) { throw "$File $($Arguments -join ' ') ended with $LASTEXITCODE" }
}

function New-CaseDisk {
    # diskpart's own words, the same on every Windows. The boot partition is S:, the Windows partition W:.
    $layout = @('convert mbr', 'create partition primary size=350', 'format fs=ntfs quick', 'active', 'assign letter=S', 'create partition primary', 'format fs=ntfs quick', 'assign letter=W')
    if ($Generation -eq 'V2') {
        $layout = @('convert gpt', 'create partition efi size=100', 'format fs=fat32 quick', 'assign letter=S', 'create partition msr size=16', 'create partition primary', 'format fs=ntfs quick', 'assign letter=W')
    }
    $file = Join-Path -Path $env:TEMP -ChildPath 'diskpart.txt'
    Set-Content -LiteralPath $file -Encoding Ascii -Value (@("create vdisk file=`"$vhd`" maximum=8192 type=expandable", "select vdisk file=`"$vhd`"", 'attach vdisk') + $layout)
    Invoke-Tool -File diskpart.exe -Arguments @('/s', $file)
    # Of this machine: the hives, the loader, and what bcdboot takes its files from. SFC and DISM need a whole image and have none here.
    $null = New-Item -ItemType Directory -Path 'W:\Windows\System32\config', 'W:\Windows\WinSxS' -Force
    foreach ($hive in 'SYSTEM', 'SOFTWARE', 'SAM', 'SECURITY') {
        Invoke-Tool -File reg.exe -Arguments @('save', "HKLM\$hive", "W:\Windows\System32\config\$hive", '/y')
    }
    Invoke-Tool -File reg.exe -Arguments @('save', 'HKU\.DEFAULT', 'W:\Windows\System32\config\DEFAULT', '/y')
    # This machine has the hive of its component store loaded only while it is being serviced: another key, with keys below it, stands for it.
    Invoke-Tool -File reg.exe -Arguments @('save', 'HKLM\SYSTEM\Setup', 'W:\Windows\System32\config\COMPONENTS', '/y')
    # A component store of one file: the one by which the scripts see that it says something.
    $null = New-Item -ItemType Directory -Path 'W:\Windows\WinSxS\amd64_ntfs'
    Copy-Item -LiteralPath "$env:SystemRoot\System32\drivers\ntfs.sys" -Destination 'W:\Windows\WinSxS\amd64_ntfs'
    Copy-Item -LiteralPath "$env:SystemRoot\System32\config\BCD-Template" -Destination 'W:\Windows\System32\config'
    foreach ($name in 'winload.exe', 'winload.efi') { Copy-Item -LiteralPath "$env:SystemRoot\System32\$name" -Destination 'W:\Windows\System32' }
    Copy-Item -LiteralPath "$env:SystemRoot\Boot" -Destination 'W:\Windows\Boot' -Recurse
    $firmware = @{ V1 = 'BIOS'; V2 = 'UEFI' }[$Generation]
    Invoke-Tool -File bcdboot.exe -Arguments @('W:\Windows', '/s', 'S:', '/f', $firmware)
    foreach ($letter in 'S', 'W') { $offsets[$letter] = (Get-Partition -DriveLetter $letter).Offset }
}

function Set-CaseLetter {
    # S: and W: as New-CaseDisk gave them, whatever letters the disk came online with.
    param([int] $Number)
    foreach ($letter in 'S', 'W') {
        $partition = Get-Partition -DiskNumber $Number | Where-Object { $_.Offset -eq $offsets[$letter] }
        $letters = @($partition.AccessPaths | Where-Object { $_ -match '^[A-Z]:\\$' })
        if ($letters -contains "${letter}:\") { continue }
        foreach ($other in $letters) { Remove-PartitionAccessPath -DiskNumber $Number -PartitionNumber $partition.PartitionNumber -AccessPath $other }
        Add-PartitionAccessPath -DiskNumber $Number -PartitionNumber $partition.PartitionNumber -AccessPath "${letter}:\"
    }
}

function Invoke-Case {
    # Breaks the disk, takes it offline, runs the script in each mode, and compares outcome and code.
    param([string] $Id, [scriptblock] $Break, [hashtable] $Parameters = @{}, [switch] $WithoutDisk, [string[]] $Expected)
    $disk = Get-Disk -Number (Get-DiskImage -ImagePath $vhd).Number
    Set-CaseLetter -Number $disk.Number
    & $Break
    $lun = (Get-CimInstance -ClassName Win32_DiskDrive | Where-Object { $_.Index -eq $disk.Number }).SCSILogicalUnit
    Set-Disk -Number $disk.Number -IsOffline $true
    foreach ($expected in $Expected) {
        $mode, $outcome, $code = $expected -split ' '
        $common = @('-Mode', $mode, '-Token', 'token-of-this-run', '-RepairId', 'r-abcdefghijkl')
        if (-not $WithoutDisk) { $common += '-Lun', "$lun" }
        foreach ($name in $Parameters.Keys) { $common += "-$name", $Parameters[$name] }
        $log = Join-Path -Path $Transcripts -ChildPath "$Id-$mode-$(@(Get-ChildItem -LiteralPath $Transcripts).Count).txt"
        # Windows PowerShell makes an error of each line that a program writes to its error output: here they only belong to the transcript.
        $ErrorActionPreference = 'Continue'
        & powershell.exe -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "$Scripts\$Id.ps1" @common *> $log
        $ErrorActionPreference = 'Stop'
        $last = Get-Content -LiteralPath $log | Where-Object { $_ -like 'BOOTMEDIC-RESULT *' } | Select-Object -Last 1
        $result = [pscustomobject]@{ outcome = 'without a result'; code = 'none' }
        if ($last) { $result = ConvertFrom-Json -InputObject $last.Substring('BOOTMEDIC-RESULT '.Length) }
        $right = $result.outcome -eq $outcome -and $result.code -eq $code -and (Get-Disk -Number $disk.Number).IsOffline
        if (-not $right) { $script:wrong++ }
        Write-Output "$(if ($right) { 'right' } else { 'WRONG' }): $Id $mode -> $($result.outcome) $($result.code), expected $outcome $code"
    }
    Set-Disk -Number $disk.Number -IsOffline $false
    Set-Disk -Number $disk.Number -IsReadOnly $false
}

New-CaseDisk
$bcd = @{ V1 = 'S:\Boot\BCD'; V2 = 'S:\EFI\Microsoft\Boot\BCD' }[$Generation]
$nothing = { Write-Verbose -Message 'nothing is broken' }
$whole = 'Repair fixed', 'Repair nothing-to-do', 'Revert reverted'
Invoke-Case -Id probe -Break $nothing -Expected 'Detect nothing-to-do probed'
Invoke-Case -Id check-disk -Break $nothing -Expected 'Repair nothing-to-do file-system-sound'
Invoke-Case -Id repair-bcd -Break $nothing -Expected 'Repair nothing-to-do bcd-sound'
Invoke-Case -Id repair-bcd -Break { Invoke-Tool bcdedit.exe @('/store', $bcd, '/deletevalue', '{default}', 'osdevice') } -Expected "$($whole[0]) bcd-repaired", "$($whole[1]) bcd-sound"
Invoke-Case -Id boot-policy -Break { Invoke-Tool bcdedit.exe @('/store', $bcd, '/set', '{bootmgr}', 'displaybootmenu', 'yes') } -Expected "$($whole[0]) policy-set", "$($whole[1]) policy-set", "$($whole[2]) reverted"
Invoke-Case -Id safeboot-off -Break { Invoke-Tool bcdedit.exe @('/store', $bcd, '/set', '{default}', 'safeboot', 'minimal') } -Expected 'Detect nothing-to-do would-change', "$($whole[0]) safe-mode-off", "$($whole[1]) no-safe-mode"
Invoke-Case -Id boot-settings -Break $nothing -Parameters @{ MemoryMb = '4096' } -Expected "$($whole[0]) set", "$($whole[1]) set", "$($whole[2]) reverted"
Invoke-Case -Id driver-off -Parameters @{ Driver = 'vendor.sys' } -Expected "$($whole[0]) driver-off", "$($whole[1]) driver-off", "$($whole[2]) reverted" -Break {
    Invoke-Tool reg.exe @('load', 'HKLM\CASE', 'W:\Windows\System32\config\SYSTEM')
    Invoke-Tool reg.exe @('add', 'HKLM\CASE\ControlSet001\Services\Vendor', '/v', 'Start', '/t', 'REG_DWORD', '/d', '0', '/f')
    Invoke-Tool reg.exe @('add', 'HKLM\CASE\ControlSet001\Services\Vendor', '/v', 'ImagePath', '/t', 'REG_EXPAND_SZ', '/d', '\SystemRoot\System32\drivers\vendor.sys', '/f')
    Invoke-Tool reg.exe @('unload', 'HKLM\CASE')
}
Invoke-Case -Id collect-dump -Break $nothing -Expected 'Repair not-applicable no-dump'
# No component store is here: SFC must not be believed to have found everything in order.
Invoke-Case -Id offline-sfc -Break $nothing -Expected 'Repair failed sfc-did-not-run'
Invoke-Case -Id rebuild-bcd -Break { Remove-Item -LiteralPath $bcd -Force } -Expected "$($whole[0]) bcd-rebuilt", "$($whole[1]) bcd-sound"
Invoke-Case -Id replay-hives -Break $nothing -Expected 'Repair nothing-to-do hives-sound'
Invoke-Case -Id restore-regback -Break $nothing -Expected 'Repair nothing-to-do hives-sound'
Invoke-Case -Id vendor-file -Parameters @{ Driver = 'csagent.sys' } -Expected "$($whole[0]) file-quarantined", "$($whole[1]) no-bad-file", "$($whole[2]) reverted" -Break {
    $null = New-Item -ItemType Directory -Path 'W:\Windows\System32\drivers\CrowdStrike' -Force
    $content = 'W:\Windows\System32\drivers\CrowdStrike\C-00000291-00000000-00000032.sys'
    Set-Content -LiteralPath $content -Encoding Ascii -Value 'content of a vendor'
    (Get-Item -LiteralPath $content).LastWriteTimeUtc = [datetime]::SpecifyKind([datetime] '2024-07-19T04:09:00', 'Utc')
}
Invoke-Case -Id pending-xml -Break $nothing -Expected 'Repair nothing-to-do no-pending-xml'
Invoke-Case -Id pending-xml -Expected "$($whole[0]) pending-xml-aside", "$($whole[1]) no-pending-xml", "$($whole[2]) reverted" -Break {
    Set-Content -LiteralPath 'W:\Windows\WinSxS\pending.xml' -Encoding Ascii -Value '<pending/>'
    Invoke-Tool reg.exe @('load', 'HKLM\CASE', 'W:\Windows\System32\config\COMPONENTS')
    Invoke-Tool reg.exe @('add', 'HKLM\CASE', '/v', 'PendingXmlIdentifier', '/t', 'REG_BINARY', '/d', '0102', '/f')
    Invoke-Tool reg.exe @('unload', 'HKLM\CASE')
}
Invoke-Case -Id revert-servicing -Break { Remove-Item -LiteralPath 'W:\Windows\WinSxS\pending.xml' -Force } -Expected 'Repair nothing-to-do nothing-pending'
# Nor does DISM find an image that it could work on: what it may have changed is put back, and nothing is called fixed.
Invoke-Case -Id revert-servicing -Break { Set-Content -LiteralPath 'W:\Windows\WinSxS\pending.xml' -Encoding Ascii -Value '<pending/>' } -Expected 'Repair failed dism-failed'
# As it is sent without an operator's text in it.
Invoke-Case -Id operator-script -Break { Remove-Item -LiteralPath 'W:\Windows\WinSxS\pending.xml' -Force } -Expected 'Detect nothing-to-do would-run', 'Repair failed no-script'
# Last: it changes how this machine treats new disks.
Invoke-Case -Id make-safe -WithoutDisk -Break $nothing -Expected "$($whole[0]) safe", "$($whole[1]) safe"
if ($wrong -gt 0) { throw "$wrong scripts ended otherwise than expected" }
