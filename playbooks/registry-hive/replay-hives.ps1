# bootmedic: id=replay-hives; safety=auto_with_snapshot; origin=doc
# writes: hives whose transaction logs were never applied
# undone by: Revert: each hive and its logs, byte for byte
# Loads every hive of the offline Windows once. Loading applies what its transaction logs hold: that is the article's repair.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId
)

function Get-HiveState {
    # 'missing', 'foreign' (no registry hive at all), 'dirty' (its logs are not applied: the two sequence numbers differ) or 'clean'.
    # The header: 'regf', then two 32-bit sequence numbers.
    param([string] $Path)
    if (-not (Test-Path -LiteralPath $Path -PathType Leaf)) { return 'missing' }
    $bytes = New-Object -TypeName byte[] -ArgumentList 12
    $stream = [System.IO.File]::Open((Get-NativePath -Path $Path), 'Open', 'Read', 'ReadWrite')
    try { $count = $stream.Read($bytes, 0, 12) } finally { $stream.Dispose() }
    if ($count -lt 12 -or [System.Text.Encoding]::ASCII.GetString($bytes, 0, 4) -ne 'regf') { return 'foreign' }
    if ([BitConverter]::ToUInt32($bytes, 4) -ne [BitConverter]::ToUInt32($bytes, 8)) { return 'dirty' }
    'clean'
}

function Update-Hive {
    # Loading the hive itself applies its logs; unloading writes it whole.
    param([hashtable] $Disk, [string] $Name)
    $hive = Get-HivePath -Disk $Disk -Name $Name
    $numbers = @('', '.LOG', '.LOG1', '.LOG2' | ForEach-Object { Backup-File -Disk $Disk -Path "$hive$_" })
    $null = Invoke-WithHive -Path $hive -Write -Body {
        param($Key)
        Get-RegistryKey -Key $Key
    }
    if ((Get-HiveState -Path $hive) -ne 'clean') { Stop-Script -Code 'hive-not-replayed' -Message "the logs of $Name could not be applied" }
    Complete-Backup -Disk $Disk -Numbers $numbers
    Add-Action -What 'applied the transaction logs' -Target "Windows\System32\config\$Name" -Before 'dirty' -After 'clean' -Revertable $true
}

Invoke-Script -Name 'replay-hives' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return Restore-File -Disk $Disk }
        $dirty = @()
        $broken = @()
        foreach ($name in 'SYSTEM', 'SOFTWARE', 'SAM', 'SECURITY', 'DEFAULT', 'COMPONENTS') {
            $path = Get-HivePath -Disk $Disk -Name $name
            $state = Get-HiveState -Path $path
            if ($state -eq 'missing' -or $state -eq 'foreign' -or -not (Test-Hive -Path $path)) {
                $broken += $name
                Add-Finding -Id 'hive' -Confidence 'certain' -Evidence "$name does not load"
            }
            elseif ($state -eq 'dirty') {
                $dirty += $name
                Add-Finding -Id 'hive' -Confidence 'certain' -Evidence "$name has logs that are not applied"
            }
        }
        if ($dirty.Count -eq 0) {
            if ($broken.Count -gt 0) { return New-Outcome -Outcome 'not-applicable' -Code 'hives-broken' }
            return New-Outcome -Outcome 'nothing-to-do' -Code 'hives-sound'
        }
        if ($Mode -eq 'Detect') { return New-Outcome -Outcome 'nothing-to-do' -Code 'would-change' }
        Invoke-WithUndo -Disk $Disk -Body {
            foreach ($name in $dirty) { Update-Hive -Disk $Disk -Name $name }
        }
        if ($broken.Count -gt 0) { Add-Caution -Text "these hives still do not load: $($broken -join ', ')" }
        New-Outcome -Outcome 'fixed' -Code 'hives-replayed'
    }
}
