# bootmedic: id=driver-off; safety=consent; origin=derived
# writes: SYSTEM hive: the driver's Start, and its place among the filters of a device class
# undone by: Revert: hive and its logs, byte for byte
# Switches off the one driver that the stop is blamed on: its start type, in every control set. Never one that came with Windows. A filter of a device
# class is taken off that class as well: a device whose filter does not start does not start either (a disk: stop 0x7B).
param(
    [Parameter(Mandatory = $true)] [ValidateSet('Detect', 'Repair', 'Revert')] [string] $Mode,
    [Parameter(Mandatory = $true)] [ValidateRange(0, 63)] [int] $Lun,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9_-]{8,64}$')] [string] $Token,
    [Parameter(Mandatory = $true)] [ValidatePattern('^r-[a-z0-9]{12}$')] [string] $RepairId,
    [AllowEmptyString()] [ValidatePattern('^$|^[A-Za-z0-9_.-]{1,60}\.sys$')] [string] $Driver = ''
)

function Search-Value {
    # Every value of that name below a key: { Key (below $Key), Data }. reg.exe's own last line is left out by its form.
    # It ends with 1 where there is none, and where it could not look: -Sure for a name that every Windows has there.
    param([string] $Key, [string] $Name, [switch] $Sure)
    $full = $Key -replace '^HKLM\\', 'HKEY_LOCAL_MACHINE\'
    $query = Invoke-Native -Quiet -Tool 'reg' -Arguments @('query', $Key, '/s', '/v', $Name)
    $at = ''
    $found = @(foreach ($line in $query.Lines) {
            if ($line.StartsWith("$full\", [StringComparison]::OrdinalIgnoreCase)) { $at = $line.Substring($full.Length + 1) }
            elseif ($at -and $line -match '^ {4}(.+?) {4}(REG_[A-Z_]+)(?: {4}(.*))?$') {
                $data = ''
                if ($Matches.ContainsKey(3)) { $data = $Matches[3] }
                [pscustomobject]@{ Key = $at; Data = $data }
            }
        })
    if ($query.ExitCode -gt 1 -or ($found.Count -eq 0 -and ($Sure -or $query.ExitCode -eq 0))) {
        Stop-Script -Code 'hive-damaged' -Message "$Name could not be searched for (reg exit code $($query.ExitCode))"
    }
    $found
}

function Find-DriverService {
    # In every control set: { Set, Service, Start, Filters (device classes that it filters) }. A driver without ImagePath has its file's name;
    # one of that name with another file is another driver. Windows' own services are left out, whatever file they name.
    param([string] $Key)
    foreach ($set in (Get-ControlSet -Key $Key).All) {
        $images = @(Search-Value -Key "$Key\$set\Services" -Name 'ImagePath' -Sure)
        $services = @($images | Where-Object { $_.Data -match "(^|\\)$([regex]::Escape($Driver))$" } | ForEach-Object { $_.Key })
        $stem = [System.IO.Path]::GetFileNameWithoutExtension($Driver)
        if ($services.Count -eq 0 -and @($images | ForEach-Object { $_.Key }) -notcontains $stem) { $services = @($stem) }
        $services = @($services | Where-Object { $script:OwnDrivers -notcontains $_ })
        $filters = @('UpperFilters', 'LowerFilters' | ForEach-Object {
                $name = $_
                Search-Value -Key "$Key\$set\Control\Class" -Name $name |
                    ForEach-Object { [pscustomobject]@{ Key = "$set\Control\Class\$($_.Key)"; Name = $name; Services = @($_.Data -split '\\0' | Where-Object { $_ }) } }
            })
        foreach ($service in $services) {
            $values = Get-RegistryKey -Key "$Key\$set\Services\$service"
            if ($null -eq $values) { $values = @{} }
            if (@($images | ForEach-Object { $_.Key }) -contains $service -and -not $values.ContainsKey('ImagePath')) {
                Stop-Script -Code 'hive-damaged' -Message "the service $service does not say what it was found by"
            }
            if ($values.ContainsKey('Start')) {
                [pscustomobject]@{ Set = $set; Service = $service; Start = $values['Start']; Filters = @($filters | Where-Object { $_.Services -contains $service }) }
            }
        }
    }
}

function Set-DriverOff {
    # Off the device classes first, then Start 4: disabled. Written and read back, and all of it looked for again: a filter that the first
    # look has missed would leave its devices without a driver.
    param([hashtable] $Disk, $Services)
    $hive = Get-HivePath -Disk $Disk -Name 'SYSTEM'
    $numbers = @('', '.LOG1', '.LOG2' | ForEach-Object { Backup-File -Disk $Disk -Path "$hive$_" })
    Invoke-WithHive -Path $hive -Write -Body {
        param($Key)
        foreach ($each in $Services) {
            foreach ($filter in $each.Filters) {
                # Read anew: two services of one driver may filter one class.
                $now = @("$(Get-RegistryValue -Key "$Key\$($filter.Key)" -Name $filter.Name)" -split '\\0' | Where-Object { $_ })
                # A list that could not be read would be written without the filters of others.
                if ($now -notcontains $each.Service) { Stop-Script -Code 'registry-not-changed' -Message "$($filter.Name) is not what it was found to be" }
                $rest = @($now | Where-Object { $_ -ne $each.Service })
                if ($rest.Count -eq 0) { Remove-RegistryValue -Key "$Key\$($filter.Key)" -Name $filter.Name }
                else { Set-RegistryValue -Key "$Key\$($filter.Key)" -Name $filter.Name -Type 'REG_MULTI_SZ' -Data ($rest -join '\0') }
            }
            if ($each.Start -eq '4') { continue }
            Set-RegistryValue -Key "$Key\$($each.Set)\Services\$($each.Service)" -Name 'Start' -Type 'REG_DWORD' -Data '4'
        }
        $now = @(Find-DriverService -Key $Key)
        if ($now.Count -lt @($Services).Count -or @($now | Where-Object { $_.Start -ne '4' -or $_.Filters.Count -gt 0 }).Count -gt 0) {
            Stop-Script -Code 'registry-not-changed' -Message "$Driver is not off in every control set"
        }
    }
    Complete-Backup -Disk $Disk -Numbers $numbers
    foreach ($each in $Services) {
        foreach ($filter in $each.Filters) {
            Add-Action -What 'took a filter off a device class' -Target "SYSTEM\$($filter.Key)" -Before "$($filter.Name) with $($each.Service)" -After "$($filter.Name) without it" -Revertable $true
        }
        if ($each.Start -eq '4') { continue }
        Add-Action -What 'switched a driver off' -Target "SYSTEM\$($each.Set)\Services\$($each.Service)" -Before "Start=$($each.Start)" -After 'Start=4' -Revertable $true
    }
}

Invoke-Script -Name 'driver-off' -Body {
    Invoke-OnRepairDisk -Body {
        param($Disk)
        if ($Mode -eq 'Revert') { return Restore-File -Disk $Disk }
        if (-not $Driver) { return New-Outcome -Outcome 'not-applicable' -Code 'no-driver-named' }
        $store = @(Get-ComponentFolder -Disk $Disk)
        if (Test-OwnFile -Store $store -Name $Driver) {
            Add-Finding -Id 'own-driver' -Confidence 'certain' -Evidence "$Driver came with Windows"
            return New-Outcome -Outcome 'not-applicable' -Code 'own-driver'
        }
        if ($store.Count -eq 0) { return New-Outcome -Outcome 'not-applicable' -Code 'store-unreadable' }
        $services = @(Invoke-WithHive -Path (Get-HivePath -Disk $Disk -Name 'SYSTEM') -Body {
                param($Key)
                Find-DriverService -Key $Key
            })
        if ($services.Count -eq 0) { return New-Outcome -Outcome 'not-applicable' -Code 'driver-not-found' }
        foreach ($each in $services) { Add-Finding -Id 'driver' -Confidence 'certain' -Evidence "$Driver is $($each.Set)\Services\$($each.Service), Start=$($each.Start)" }
        if (@($services | Where-Object { $_.Filters.Count -gt 0 }).Count -gt 0) { Add-Caution -Text "$Driver filters a class of devices, and is taken off it" }
        $on = @($services | Where-Object { $_.Start -ne '4' -or $_.Filters.Count -gt 0 })
        if ($on.Count -eq 0) { return New-Outcome -Outcome 'nothing-to-do' -Code 'driver-off' }
        if ($Mode -eq 'Detect') { return New-Outcome -Outcome 'nothing-to-do' -Code 'would-change' }
        Invoke-WithUndo -Disk $Disk -Body { Set-DriverOff -Disk $Disk -Services $on }
        New-Outcome -Outcome 'fixed' -Code 'driver-off'
    }
}
