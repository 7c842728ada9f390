# bootmedic: id=probe; safety=auto_safe; origin=derived
# writes: nothing
# undone by: nothing to undo
# Looks at the repair disk, changes nothing on it: what Windows it is, and what speaks against repairing it.
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId
)

# Read-only whatever is asked for.
$Mode = 'Detect'

function Find-SystemFact {
    # Language and role, from the control set the next boot uses; answers the configured dump files.
    param([hashtable] $Disk)
    Invoke-WithHive -Path (Get-HivePath -Disk $Disk -Name 'SYSTEM') -Body {
        param($Key)
        $set = "$Key\$((Get-ControlSet -Key $Key).Default)"
        $language = Get-RegistryValue -Key "$set\Control\Nls\Language" -Name 'Default'
        if ("$language" -match '^[0-9a-fA-F]{4}$') {
            try { $language = [System.Globalization.CultureInfo]::GetCultureInfo([Convert]::ToInt32($language, 16)).Name }
            catch { Write-Line -Text "language $language has no name here" }
            Add-Finding -Id 'language' -Confidence 'certain' -Evidence $language
        }
        $role = Get-RegistryValue -Key "$set\Control\ProductOptions" -Name 'ProductType'
        $database = Get-RegistryValue -Key "$set\Services\NTDS\Parameters" -Name 'DSA Database file'
        if ($role -eq 'LanmanNT' -or $database) {
            Add-Finding -Id 'domain-controller' -Confidence 'certain' -Evidence "product type $role, directory database $database"
        }
        elseif (-not $role) { Add-Finding -Id 'role-unknown' -Confidence 'certain' -Evidence 'the SYSTEM hive names no product type' }
        # The service is there with the feature; it starts by itself only on a node of a cluster.
        $cluster = Get-RegistryValue -Key "$set\Services\ClusSvc" -Name 'Start'
        if ($cluster -eq '2') { Add-Finding -Id 'cluster-node' -Confidence 'certain' -Evidence "service ClusSvc starts with $cluster" }
        Get-DumpSetting -Key "$set\Control\CrashControl"
    }
}

function Find-RoleByFile {
    # Where the SYSTEM hive cannot be asked. A directory database may lie anywhere: that it is not in its usual place says nothing.
    param([hashtable] $Disk)
    if (Test-Path -LiteralPath "$($Disk.WindowsRoot)Windows\NTDS\ntds.dit" -PathType Leaf) {
        Add-Finding -Id 'domain-controller' -Confidence 'likely' -Evidence 'directory database \Windows\NTDS\ntds.dit'
        return
    }
    Add-Finding -Id 'role-unknown' -Confidence 'certain' -Evidence 'the SYSTEM hive, which tells a domain controller, cannot be read'
}

function Find-Encryption {
    # A locked volume has stopped the script before; here one that this repair VM can read (suspended, or unlocked by itself).
    param([hashtable] $Disk)
    $volumes = @(Get-CimInstance -Namespace 'root/CIMV2/Security/MicrosoftVolumeEncryption' -ClassName Win32_EncryptableVolume -ErrorAction SilentlyContinue)
    foreach ($volume in $volumes) {
        if ("$($volume.DriveLetter)\" -eq $Disk.WindowsRoot -and ($volume.ProtectionStatus -ne 0 -or $volume.ConversionStatus -ne 0)) {
            Add-Finding -Id 'bitlocker' -Confidence 'certain' -Evidence "protection $($volume.ProtectionStatus), conversion $($volume.ConversionStatus)"
        }
    }
}

Invoke-Script -Name 'probe' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        Find-Encryption -Disk $Disk
        Write-Step -Text 'Windows'
        # The role before anything whose failure ends the probe: some repairs are for a Windows whose registry is damaged.
        try { $settings = Find-SystemFact -Disk $Disk }
        catch {
            Find-RoleByFile -Disk $Disk
            if (Test-Path -LiteralPath "$($Disk.WindowsRoot)Windows\Cluster\CLUSDB" -PathType Leaf) {
                Add-Finding -Id 'cluster-node' -Confidence 'likely' -Evidence 'cluster database \Windows\Cluster\CLUSDB'
            }
            throw
        }
        $windows = Get-Windows -Disk $Disk
        Add-Finding -Id 'windows-build' -Confidence 'certain' -Evidence "$($windows.Build)"
        $drive = Get-PSDrive -Name $Disk.WindowsRoot.Substring(0, 1)
        Add-Finding -Id 'free-space-bytes' -Confidence 'certain' -Evidence "$([long] $drive.Free)"
        if ($windows.Pending.Count -gt 0) {
            Add-Finding -Id 'pending-servicing' -Confidence 'certain' -Evidence ($windows.Pending -join ', ')
        }
        Write-Step -Text 'boot files'
        Find-BootPartition -Disk $Disk
        Add-Finding -Id 'generation' -Confidence 'certain' -Evidence $Disk.Generation
        Test-DiskOfBootEntry -Disk $Disk -Entry (Get-BootEntry -Disk $Disk)
        Write-Step -Text 'memory dumps'
        $dumps = @(Get-MemoryDump -Disk $Disk -Setting $settings)
        foreach ($dump in $dumps) { Add-Finding -Id 'dump' -Confidence 'certain' -Evidence "$($dump.GuestPath) $($dump.Length)" }
        # In the order of the dumps. Of three: a result line is short.
        foreach ($dump in @($dumps | Select-Object -First 3)) {
            if ($dump.Time) { Add-Finding -Id 'dump-time' -Confidence 'certain' -Evidence "$($dump.GuestPath) $($dump.Time.ToString('yyyy-MM-ddTHH:mm:ssZ', [System.Globalization.CultureInfo]::InvariantCulture))" }
            Add-Finding -Id 'dump-header' -Confidence 'certain' -Evidence $dump.Header
        }
        New-Outcome -Outcome 'nothing-to-do' -Code 'probed'
    }
}
